;; G-04. A table with 64-bit indices (GHSA-p8xm: growing one panicked).
;; Must happen: refused at `/init`.
(table $wide i64 1 funcref)
(func $misbehave (result i32) (call $fine))
