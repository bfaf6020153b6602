;; G-03. A memory with 64-bit addresses, whose bounds checks cost.
;; Must happen: refused at `/init`.
(memory $wide i64 1)
(func $misbehave (result i32) (call $fine))
