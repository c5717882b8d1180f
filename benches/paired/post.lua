-- The same request over and over, its body from the file named after `--`; the result as one line of JSON.

function init(args)
   wrk.method = "POST"
   wrk.headers["content-type"] = "application/json"
   local file = assert(io.open(args[1], "rb"))
   wrk.body = file:read("*a")
   file:close()
end

function done(summary, latency, requests)
   local errors = summary.errors
   local line = '\n{"requests":%d,"seconds":%.6f,"errors":%d,"p50_us":%.1f,"p99_us":%.1f}\n'
   io.write(line:format(
      summary.requests,
      summary.duration / 1e6,
      errors.connect + errors.read + errors.write + errors.status + errors.timeout,
      latency:percentile(50),
      latency:percentile(99)
   ))
end
