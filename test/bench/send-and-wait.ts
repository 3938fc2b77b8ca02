/** The peer of `bench stream`: sends a file to a serial port line by line, each after the answer to the one before. Prints lines a second. */
import { readFileSync } from 'node:fs'
import { SerialPort } from 'serialport'

const [path, file] = process.argv.slice(2) as [string, string]
const lines = readFileSync(file, 'latin1').split('\n').filter(Boolean)
const port = new SerialPort({ path, baudRate: 115_200, hupcl: false })
await new Promise<void>((resolve, reject) => {
  port.once('open', resolve)
  port.once('error', reject)
})
let rest = ''
let answered: () => void = () => {}
port.on('data', (bytes: Buffer) => {
  rest += bytes.toString('latin1')
  for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
    const line = rest.slice(0, end).trim()
    rest = rest.slice(end + 1)
    if (line === 'ok' || line.startsWith('error')) answered()
  }
})
const begun = performance.now()
for (const line of lines) {
  const answer = new Promise<void>((resolve) => {
    answered = resolve
  })
  port.write(`${line}\n`)
  await answer
}
console.log(Math.round((lines.length * 1000) / (performance.now() - begun)))
port.close()
