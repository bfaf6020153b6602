;; G-17 and I-17. Returns two results, one after the other in one text.
;; Must happen: OpenWhisk's words for what is no result.
(data (i32.const 1024) "{} {}")
(func $misbehave (result i32) (call $ok (i32.const 1024) (i32.const 5)))
