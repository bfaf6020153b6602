;; G-10. Waits for ever, each time for nothing: the host is always at it, and never
;; has to wait (wasmtime #13040).
;; Must happen: it ends at its deadline, and others keep their timers.
(func $misbehave (result i32)
  (loop $forever (result i32)
    (call $sleep (i64.const 0))
    (br $forever)))
