;; G-13. Returns its result as an asynchronous task, and goes on afterwards.
;; Must happen: refused at `/init`, since component-model async is off.
(component
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16)))
  (core instance $libc (instantiate $libc))
  (core func $return (canon task.return (result (result string (error string)))
    (memory (core memory $libc "memory"))))
  (core module $main
    (import "host" "return" (func $return (param i32 i32 i32)))
    (func (export "run") (param i32 i32)
      (call $return (i32.const 0) (i32.const 16) (i32.const 2))
      (loop $forever (br $forever))))
  (core instance $main (instantiate $main
    (with "host" (instance (export "return" (func $return))))))
  (func $run async (param "parameters" string) (result (result string (error string)))
    (canon lift (core func $main "run") async
      (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (instance $handler (export "run" (func $run)))
  (export "wow:action/handler@0.1.0" (instance $handler)))
