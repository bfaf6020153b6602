//! A server as the crate `wstd` has it: nothing of it was written for OpenWhisk.

use wstd::http::{Body, Error, Method, Request, Response, StatusCode};

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let query = request.uri().query().unwrap_or_default();
    let name = query.strip_prefix("name=").unwrap_or("World").to_owned();
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/hello") => text(StatusCode::OK, format!("Hello, {name}!")),
        (&Method::POST, "/echo") => {
            let body = request.into_body();
            let response = Response::builder().header("content-type", "application/octet-stream");
            response.body(body).map_err(Error::from)
        }
        _ => text(StatusCode::NOT_FOUND, "not here".to_owned()),
    }
}

fn text(status: StatusCode, text: String) -> Result<Response<Body>, Error> {
    let response = Response::builder().status(status).header("content-type", "text/plain");
    response.body(text.into()).map_err(Error::from)
}
