//! Signed addresses: pictures, meshes and point clouds. No token.

use crate::{
    answer::{Answer, BINARY, JPEG, TEXT},
    graph::{File, Graph, View, cluster_file, jpeg, mesh_file},
    request::Request,
    shared::Shared,
};

pub(super) fn answer(shared: &Shared, graph: &Graph<'_>, request: &Request, file: File<'_>) -> Answer {
    if let Err(why) = graph.links.check(file, request.parameter("oh"), request.parameter("oe")) {
        return Answer::new(403, TEXT, why);
    }
    body(shared, graph, file).unwrap_or_else(|| Answer::new(404, TEXT, "Not Found"))
}

fn body(shared: &Shared, graph: &Graph<'_>, file: File<'_>) -> Option<Answer> {
    match file {
        File::Picture { image, size } => {
            let camera = graph.image(image)?.camera?;
            let (width, height) = size.pixels(camera.width, camera.height);
            Some(Answer::new(200, JPEG, jpeg(&shared.views, image, View::of(image, width, height))?))
        }
        File::Mesh { image } => graph.image(image).map(|_| Answer::new(200, BINARY, mesh_file())),
        File::Cluster { sequence, cluster } => {
            let images = graph.source.images_of_cluster(sequence, cluster);
            (!images.is_empty()).then(|| Answer::new(200, BINARY, cluster_file(&images)))
        }
    }
}
