;; G-06. The asynchronous half: makes streams of the component model for ever.
;; Must happen: refused at `/init`, since component-model async is off.
(component
  (type $stream (stream u8))
  (core func $new (canon stream.new $stream))
  (core module $main
    (import "host" "new" (func $new (result i64)))
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16))
    (func (export "run") (param i32 i32) (result i32)
      (loop $forever (drop (call $new)) (br $forever))
      (unreachable)))
  (core instance $main (instantiate $main
    (with "host" (instance (export "new" (func $new))))))
  (func $run (param "parameters" string) (result (result string (error string)))
    (canon lift (core func $main "run")
      (memory (core memory $main "memory")) (realloc (core func $main "realloc"))))
  (instance $handler (export "run" (func $run)))
  (export "wow:action/handler@0.1.0" (instance $handler)))
