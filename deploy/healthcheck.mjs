// What a container's health check asks: does the gateway answer? In the clear is enough on this very computer, also where it speaks HTTPS.
const port = process.env.CELLWRIGHT_PORT || '8470'
const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(8000) })
if (!answer.ok) throw new Error(`/healthz says ${answer.status}`)
