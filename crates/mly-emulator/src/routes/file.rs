//! Signed URLs: pictures, meshes and point clouds. They need no token.

use crate::{
    answer::{Answer, BINARY, JPEG, TEXT},
    graph::{Graph, PictureKey, SignedFile, cluster_file, jpeg, mesh_file},
    request::Request,
    state::ServerState,
};

pub(super) fn answer(
    state: &ServerState,
    graph: &Graph<'_>,
    request: &Request,
    file: SignedFile<'_>,
) -> Answer {
    if let Err(why) = graph.links.check(file, request.parameter("oh"), request.parameter("oe")) {
        return Answer::new(403, TEXT, why);
    }
    body(state, graph, file).unwrap_or_else(|| Answer::new(404, TEXT, "Not Found"))
}

fn body(state: &ServerState, graph: &Graph<'_>, file: SignedFile<'_>) -> Option<Answer> {
    match file {
        SignedFile::Picture { image, size } => {
            let camera = graph.image(image)?.camera?;
            let (width, height) = size.pixels(camera.width, camera.height);
            Some(Answer::new(200, JPEG, jpeg(&state.pictures, image, PictureKey::of(image, width, height))?))
        }
        SignedFile::Mesh { image } => {
            graph.image(image).map(|_| Answer::new(200, BINARY, mesh_file(state.answers.mesh_file)))
        }
        SignedFile::Cluster { sequence, cluster } => {
            let images = graph.source.images_of_cluster(sequence, cluster);
            (!images.is_empty())
                .then(|| Answer::new(200, BINARY, cluster_file(&images, state.answers.cluster_file)))
        }
    }
}
