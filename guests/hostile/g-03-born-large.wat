;; G-03. Begins with more memory than it may have: it never runs.
;; Must happen: OpenWhisk's words for it, as if it had grown.
(memory $large 512)
(func $misbehave (result i32) (call $fine))
