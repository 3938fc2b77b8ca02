// A source and a sink for `bench flow`, the same in stock Node-RED and in ours: GET /bench-run?n=20000
// sends n messages, `inFlight` at a time, and answers when the last one has arrived.
module.exports = (RED) => {
  let source
  let onArrival = () => {}

  RED.nodes.registerType('bench-source', function (config) {
    RED.nodes.createNode(this, config)
    source = this
  })
  RED.nodes.registerType('bench-sink', function (config) {
    RED.nodes.createNode(this, config)
    this.on('input', (_msg, _send, done) => {
      done()
      onArrival()
    })
  })
  RED.httpNode.get('/bench-run', (req, res) => {
    const n = Number(req.query.n)
    const inFlight = 100
    let sent = 0
    let arrived = 0
    const begun = process.hrtime.bigint()
    const send = () => {
      sent += 1
      source.send({ payload: sent })
    }
    onArrival = () => {
      arrived += 1
      if (arrived === n) res.json({ n, ms: Number(process.hrtime.bigint() - begun) / 1e6 })
      else if (sent < n) send()
    }
    for (let i = 0; i < Math.min(inFlight, n); i += 1) send()
  })
}
