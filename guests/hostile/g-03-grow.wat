;; G-03. Takes memory until it is refused, and then gives up as an allocator does.
;; Must happen: OpenWhisk's words for it, and how much was asked for in the log.
(func $misbehave (result i32)
  (loop $more (br_if $more (i32.ne (memory.grow (i32.const 100)) (i32.const -1))))
  (unreachable))
