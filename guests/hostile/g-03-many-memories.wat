;; G-03. 150 memories: three instances of a module that has fifty.
;; Must happen: it is not instantiated; the limit is 100.
(component
  (core module $fifty
    (memory 0) (memory 0) (memory 0) (memory 0) (memory 0) (memory 0) (memory 0) (memory 0)
    (memory 0) (memory 0) (memory 0) (memory 0) (memory 0) (memory 0) (memory 0) (memory 0)
    (memory 0) (memory 0) (memory 0) (memory 0) (memory 0) (memory 0) (memory 0) (memory 0)
    (memory 0) (memory 0) (memory 0) (memory 0) (memory 0) (memory 0) (memory 0) (memory 0)
    (memory 0) (memory 0) (memory 0) (memory 0) (memory 0) (memory 0) (memory 0) (memory 0)
    (memory 0) (memory 0) (memory 0) (memory 0) (memory 0) (memory 0) (memory 0) (memory 0)
    (memory 0) (memory 0))
  (core instance (instantiate $fifty))
  (core instance (instantiate $fifty))
  (core instance (instantiate $fifty))
  (core module $main
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16))
    (func (export "run") (param i32 i32) (result i32) (unreachable)))
  (core instance $main (instantiate $main))
  (func $run (param "parameters" string) (result (result string (error string)))
    (canon lift (core func $main "run")
      (memory (core memory $main "memory")) (realloc (core func $main "realloc"))))
  (instance $handler (export "run" (func $run)))
  (export "wow:action/handler@0.1.0" (instance $handler)))
