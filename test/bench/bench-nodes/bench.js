// A source and a sink for `bench flow`, the same in stock Node-RED and in ours: GET /bench-run?n=20000
// sends n messages, `inFlight` at a time, and answers when the last one has arrived. With `rows` each carries
// that many measured points (about 100 bytes each as JSON).
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
    const rows = Number(req.query.rows ?? 0)
    const points = Array.from({ length: rows }, (_, i) => ({
      feature: `bore ${i}`,
      nominalMm: 12,
      measuredMm: 12 + (i % 7) / 1000,
      lowerMm: 11.98,
      upperMm: 12.02,
      isInTolerance: true,
    }))
    const inFlight = 100
    let sent = 0
    let arrived = 0
    const begun = process.hrtime.bigint()
    const send = () => {
      sent += 1
      source.send({ payload: rows ? { part: sent, points } : sent })
    }
    onArrival = () => {
      arrived += 1
      if (arrived === n) res.json({ n, ms: Number(process.hrtime.bigint() - begun) / 1e6 })
      else if (sent < n) send()
    }
    for (let i = 0; i < Math.min(inFlight, n); i += 1) send()
  })
}
