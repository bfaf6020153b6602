//! A request as calls of `wasi:http/outgoing-handler`.

use super::{Error, Request, Response};

/// Outside of an activation there is nobody to send it.
#[cfg(not(target_family = "wasm"))]
pub(super) fn send(_: Request) -> Result<Response, Error> {
    Err(Error("outside of an activation there is no way to another server".to_owned()))
}

#[cfg(target_family = "wasm")]
pub(super) use wasi::send;

#[cfg(target_family = "wasm")]
mod wasi {
    use super::super::{code, split};
    use super::{Error, Request, Response};
    use std::io::{Read as _, Write};
    use wasip2::http::outgoing_handler::handle;
    use wasip2::http::types::{
        Fields, HeaderError, Method, OutgoingBody, OutgoingRequest, RequestOptions, Scheme,
    };

    pub(in super::super) fn send(request: Request) -> Result<Response, Error> {
        let Request { method, url, headers, body, timeout } = request;
        let outgoing = OutgoingRequest::new(fields(&headers, &body)?);
        let set = address(&outgoing, &url).and_then(|()| outgoing.set_method(&named(method)));
        set.map_err(|()| Error("not a URL of HTTP".to_owned()))?;
        let options = RequestOptions::new();
        let nanoseconds = timeout.map(|time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        // A host that knows no timeouts has none.
        let _ = options.set_connect_timeout(nanoseconds);
        let _ = options.set_first_byte_timeout(nanoseconds);
        let _ = options.set_between_bytes_timeout(nanoseconds);

        let outgoing_body = outgoing.body().expect("it is taken once");
        let waiting = handle(outgoing, Some(options)).map_err(|code| code::error(&code))?;
        // What cannot be sent is told by the response.
        let sent = write(outgoing_body, &body);
        waiting.subscribe().block();
        let response = waiting.get().expect("it is ready").expect("it is taken once");
        let response = match (response, sent) {
            (Ok(response), _) => response,
            (Err(code), _) => return Err(code::error(&code)),
        };
        let status = response.status();
        let headers = response.headers().entries();
        let incoming = response.consume().expect("it is taken once");
        let mut body = Vec::new();
        let read = incoming.stream().expect("it is taken once").read_to_end(&mut body);
        read.map_err(|error| Error(format!("the body broke off: {error}")))?;
        Ok(Response { status, headers, body })
    }

    fn write(outgoing: OutgoingBody, bytes: &[u8]) -> Result<(), ()> {
        if !bytes.is_empty() {
            let mut stream = outgoing.write()?;
            stream.write_all(bytes).and_then(|()| Write::flush(&mut stream)).map_err(drop)?;
        }
        OutgoingBody::finish(outgoing, None).map_err(drop)
    }

    fn fields(headers: &[(String, Vec<u8>)], body: &[u8]) -> Result<Fields, Error> {
        let fields = Fields::new();
        for (name, value) in headers {
            fields.append(name, value).map_err(|error| {
                let name = name.escape_default();
                Error(match error {
                    HeaderError::Forbidden => {
                        format!("the header `{name}` is not the action's to set")
                    }
                    _ => format!("the header `{name}` is not one of HTTP"),
                })
            })?;
        }
        if !body.is_empty() && !fields.has("content-length") {
            let length = body.len().to_string();
            // It is a header like any other: nothing is against it.
            let _ = fields.append("content-length", length.as_bytes());
        }
        Ok(fields)
    }

    fn address(request: &OutgoingRequest, url: &str) -> Result<(), ()> {
        let (encrypted, server, path) = split(url).ok_or(())?;
        request.set_scheme(Some(&if encrypted { Scheme::Https } else { Scheme::Http }))?;
        request.set_authority(Some(server))?;
        request.set_path_with_query(Some(&path))
    }

    fn named(method: String) -> Method {
        match method.as_str() {
            "GET" => Method::Get,
            "HEAD" => Method::Head,
            "POST" => Method::Post,
            "PUT" => Method::Put,
            "DELETE" => Method::Delete,
            "CONNECT" => Method::Connect,
            "OPTIONS" => Method::Options,
            "TRACE" => Method::Trace,
            "PATCH" => Method::Patch,
            _ => Method::Other(method),
        }
    }
}
