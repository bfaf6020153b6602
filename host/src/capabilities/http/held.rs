//! What the host holds for a guest in requests, responses and their headers. wasmtime bounds each
//! set of headers and how many things there are, and not what they have together: that is the
//! activation's memory, and counted as such.

use crate::capabilities::State;
use crate::limits::Meter;
use std::any::Any;
use wasmtime::StoreContextMut;
use wasmtime::component::{
    ComponentNamedList, Lift, Linker, LinkerInstance, Lower, Resource, ResourceTable,
};
use wasmtime_wasi_http::p2::HeaderResult;
use wasmtime_wasi_http::p2::bindings::http::types::{
    HeaderError, Host as _, HostFields as _, HostFutureIncomingResponse, HostFutureTrailers,
    HostOutgoingRequest, HostOutgoingResponse, Method, Scheme,
};
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;
use wasmtime_wasi_http::p2::types;
use wasmtime_wasi_http::{FieldMap, WasiHttpCtxView, WasiHttpView as _};

/// Bytes of a body that a guest may hand over at once. Two of them wait for the server at most.
pub(super) const PIECE: usize = 64 << 10;

/// What a header takes beside its name and its value: its places in the map's tables, which double.
const HEADER: usize = 256;

/// What is counted ahead of its use, at least and at most: to count anew what there is costs time.
const LEAST_AHEAD: usize = 64 << 10;
const MOST_AHEAD: usize = 1 << 20;

/// What is held, and what the meter was told of it.
#[derive(Default)]
pub(in crate::capabilities) struct Held {
    /// Bytes at most: nothing that was dropped since the last count is taken off.
    now: usize,
    /// The bytes that are counted as the activation's memory; they do not become less, as its own do not.
    metered: usize,
    /// What was removed from headers: their tables keep the place.
    removed: usize,
}

impl Held {
    /// Counts what changed.
    fn add(
        &mut self,
        change: Change,
        table: &mut ResourceTable,
        meter: &mut Meter,
    ) -> wasmtime::Result<()> {
        self.removed = self.removed.saturating_add(change.removed);
        self.now = self.now.saturating_add(change.held).saturating_add(change.removed);
        if self.now <= self.metered {
            return Ok(());
        }
        let there = table.iter_mut().map(|thing| size(thing)).sum::<usize>();
        self.now = there.saturating_add(self.removed);
        let ahead = self.now.saturating_add((self.now / 2).clamp(LEAST_AHEAD, MOST_AHEAD));
        if ahead > self.metered {
            let more = ahead - self.metered;
            wasmtime::ensure!(meter.grow(more), "the host holds {} B for it in HTTP", self.now);
            self.metered = ahead;
        }
        Ok(())
    }
}

/// What one call changed.
struct Change {
    /// Bytes that may be held in addition.
    held: usize,
    /// Bytes that were removed from headers.
    removed: usize,
}

impl Change {
    fn held(bytes: usize) -> Self {
        Self { held: bytes, removed: 0 }
    }
}

/// The bytes of something that a guest has a handle of.
fn size(thing: &dyn Any) -> usize {
    if let Some(fields) = thing.downcast_ref() {
        headers(fields)
    } else if let Some(request) = thing.downcast_ref::<types::HostOutgoingRequest>() {
        let method = if let Method::Other(method) = &request.method { method.len() } else { 0 };
        let scheme =
            if let Some(Scheme::Other(scheme)) = &request.scheme { scheme.len() } else { 0 };
        let texts = [&request.path_with_query, &request.authority];
        let texts: usize = texts.into_iter().flatten().map(String::len).sum();
        method + scheme + texts + headers(&request.headers) + body(request.body.as_ref())
    } else if let Some(response) = thing.downcast_ref::<types::HostOutgoingResponse>() {
        headers(&response.headers) + body(response.body.as_ref())
    } else if let Some(response) = thing.downcast_ref::<types::HostIncomingResponse>() {
        headers(&response.headers)
    } else {
        0
    }
}

fn headers(fields: &FieldMap) -> usize {
    fields.iter().map(|(name, value)| name.as_str().len() + value.len() + HEADER).sum()
}

/// What waits for a server before the request is sent. Afterwards connections are few.
fn body(body: Option<&HyperOutgoingBody>) -> usize {
    if body.is_some() { 2 * PIECE } else { 0 }
}

/// Puts functions in the place of those of wasmtime-wasi-http that have the host hold more for a guest:
/// they do the same, and count it.
pub(in crate::capabilities) fn count(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let mut counted = Counted(linker.instance("wasi:http/types@0.2.12")?);
    counted.function("[static]fields.from-list", |http, (list,)| {
        let made = http.from_list(list);
        let bytes = made.as_ref().map_or(0, |fields| held(http, fields.rep()));
        Ok((or_error(http, made)?, Change::held(bytes)))
    })?;
    counted.function("[method]fields.set", |http, (fields, name, values)| {
        change(http, fields, |http, fields| http.set(fields, name, values))
    })?;
    counted.function("[method]fields.append", |http, (fields, name, value)| {
        change(http, fields, |http, fields| http.append(fields, name, value))
    })?;
    counted.function("[method]fields.delete", |http, (fields, name)| {
        change(http, fields, |http, fields| http.delete(fields, name))
    })?;
    counted.function("[method]outgoing-request.set-method", |http, (request, method)| {
        let bytes = if let Method::Other(method) = &method { method.len() } else { 0 };
        Ok(((http.set_method(request, method)?,), Change::held(bytes)))
    })?;
    counted.function("[method]outgoing-request.set-path-with-query", |http, (request, path)| {
        let bytes = Option::<String>::as_ref(&path).map_or(0, String::len);
        Ok(((http.set_path_with_query(request, path)?,), Change::held(bytes)))
    })?;
    counted.function("[method]outgoing-request.set-authority", |http, (request, authority)| {
        let bytes = Option::<String>::as_ref(&authority).map_or(0, String::len);
        Ok(((http.set_authority(request, authority)?,), Change::held(bytes)))
    })?;
    counted.function("[method]outgoing-request.body", |http, (request,)| {
        Ok(((HostOutgoingRequest::body(http, request)?,), Change::held(2 * PIECE)))
    })?;
    counted.function("[method]outgoing-response.body", |http, (response,)| {
        Ok(((HostOutgoingResponse::body(http, response)?,), Change::held(2 * PIECE)))
    })?;
    counted.function("[method]future-incoming-response.get", |http, (future,)| {
        let response = HostFutureIncomingResponse::get(http, future)?;
        let bytes =
            if let Some(Ok(Ok(response))) = &response { held(http, response.rep()) } else { 0 };
        Ok(((response,), Change::held(bytes)))
    })?;
    counted.function("[method]future-trailers.get", |http, (future,)| {
        let trailers = HostFutureTrailers::get(http, future)?;
        let bytes = if let Some(Ok(Ok(Some(trailers)))) = &trailers {
            held(http, trailers.rep())
        } else {
            0
        };
        Ok(((trailers,), Change::held(bytes)))
    })?;
    linker.allow_shadowing(false);
    Ok(())
}

/// What a guest gets that may be told what is wrong with its headers.
fn or_error<T>(
    http: &mut WasiHttpCtxView<'_>,
    result: HeaderResult<T>,
) -> wasmtime::Result<(Result<T, HeaderError>,)> {
    Ok((match result {
        Ok(value) => Ok(value),
        Err(error) => Err(http.convert_header_error(error)?),
    },))
}

/// Changes headers. They may have been another's as well until now, and copied for it.
fn change(
    http: &mut WasiHttpCtxView<'_>,
    fields: Resource<FieldMap>,
    change: impl FnOnce(&mut WasiHttpCtxView<'_>, Resource<FieldMap>) -> HeaderResult<()>,
) -> wasmtime::Result<((Result<(), HeaderError>,), Change)> {
    let handle = fields.rep();
    let before = held(http, handle);
    let changed = change(http, fields);
    let held = held(http, handle);
    Ok((or_error(http, changed)?, Change { held, removed: before.saturating_sub(held) }))
}

/// The bytes of something that was made or changed just now.
fn held(http: &mut WasiHttpCtxView<'_>, handle: u32) -> usize {
    http.table.get_any_mut(handle).map_or(0, |thing| size(thing))
}

/// The functions of `wasi:http/types`.
struct Counted<'a>(LinkerInstance<'a, State>);

impl Counted<'_> {
    /// Has `call` be the function `name`: it gives what the guest gets, and what changed.
    fn function<P, R>(
        &mut self,
        name: &str,
        call: impl Fn(&mut WasiHttpCtxView<'_>, P) -> wasmtime::Result<(R, Change)>
        + Send
        + Sync
        + 'static,
    ) -> wasmtime::Result<()>
    where
        P: ComponentNamedList + Lift + 'static,
        R: ComponentNamedList + Lower + 'static,
    {
        self.0.func_wrap(name, move |mut store: StoreContextMut<'_, State>, parameters: P| {
            let state = store.data_mut();
            let (result, change) = call(&mut state.http(), parameters)?;
            state.held.add(change, &mut state.table, &mut state.meter)?;
            Ok(result)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Ledger;
    use http::{HeaderName, HeaderValue};
    use std::sync::Arc;

    fn fields(length: usize) -> FieldMap {
        let mut fields = FieldMap::new_mutable(PIECE);
        let value = HeaderValue::from_bytes(&vec![b'v'; length]).expect("a value");
        fields.append_raw(HeaderName::from_static("name"), value).expect("room");
        fields
    }

    fn nothing(limit: usize) -> (ResourceTable, Held, Meter) {
        let meter = Meter::new(limit, &Arc::new(Ledger::new(limit)));
        (ResourceTable::new(), Held::default(), meter)
    }

    #[test]
    fn what_is_dropped_makes_room() {
        let (mut table, mut held, mut meter) = nothing(1 << 20);
        for _ in 0..10_000 {
            let made = table.push(fields(10_000)).expect("room");
            held.add(Change::held(10_000), &mut table, &mut meter).expect("it fits");
            table.delete(made).expect("it is there");
        }
        assert!(meter.held() < 128 << 10, "{}", meter.held());
    }

    #[test]
    fn what_is_kept_is_counted_and_ends_at_the_limit() {
        let (mut table, mut held, mut meter) = nothing(4 << 20);
        let mut add = || {
            table.push(fields(10_000)).expect("room");
            let added = held.add(Change::held(10_000), &mut table, &mut meter);
            added.map(|()| meter.held())
        };
        let counted: Vec<usize> = (0..1000).map_while(|_| add().ok()).collect();
        for (number, bytes) in counted.iter().enumerate() {
            let there = (number + 1) * 10_000;
            assert!((there..there + (2 << 20)).contains(bytes), "{bytes} for {there}");
        }
        assert!((300..420).contains(&counted.len()), "{}", counted.len());
        assert!(add().is_err());
    }

    #[test]
    fn what_is_removed_from_headers_keeps_its_place() {
        let (mut table, mut held, mut meter) = nothing(1 << 20);
        let emptied = |_: &i32| {
            let change = Change { held: 0, removed: 10_000 };
            held.add(change, &mut table, &mut meter).is_ok()
        };
        let emptied = (0..1000).take_while(emptied).count();
        assert!((50..110).contains(&emptied), "{emptied}");
    }
}
