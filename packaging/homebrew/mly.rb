class Mly < Formula
  desc "Mapillary as files and tables, for whole cities and countries"
  homepage "https://github.com/mly-rs/mly"
  version "@VERSION@"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      url "https://github.com/mly-rs/mly/releases/download/v@VERSION@/mly-@VERSION@-aarch64-apple-darwin.tar.gz"
      sha256 "@SHA256 aarch64-apple-darwin@"
    end
    on_intel do
      url "https://github.com/mly-rs/mly/releases/download/v@VERSION@/mly-@VERSION@-x86_64-apple-darwin.tar.gz"
      sha256 "@SHA256 x86_64-apple-darwin@"
    end
  end

  on_linux do
    on_arm do
      url "https://github.com/mly-rs/mly/releases/download/v@VERSION@/mly-@VERSION@-aarch64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256 aarch64-unknown-linux-musl@"
    end
    on_intel do
      url "https://github.com/mly-rs/mly/releases/download/v@VERSION@/mly-@VERSION@-x86_64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256 x86_64-unknown-linux-musl@"
    end
  end

  def install
    bin.install "mly"
    bash_completion.install "completions/mly.bash" => "mly"
    fish_completion.install "completions/mly.fish"
    zsh_completion.install "completions/mly.zsh" => "_mly"
    man1.install Dir["man/*.1"]
  end

  test do
    system bin/"mly", "images", "--demo", "--bbox", "8.98,51.98,9.03,52.01", "-o", "town.geojson"
    assert_path_exists testpath/"town.geojson"
  end
end
