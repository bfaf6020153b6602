module add

go 1.24
