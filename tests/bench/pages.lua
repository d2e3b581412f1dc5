-- Paths of a file, one a line, in turn, with a session's cookie.
dofile(os.getenv("BENCH_LUA") .. "/tell.lua")
local paths, at = {}, 0
for line in io.lines(os.getenv("BENCH_PATHS")) do table.insert(paths, line) end
wrk.headers["Cookie"] = os.getenv("BENCH_COOKIE")

function request()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end
