/**
 * A writer that is killed in the middle, for a test: `node killed-writer.ts OUTBOX KEY STEP` confirms, and ends
 * itself with SIGKILL before its file operation number STEP (a write is cut in half). Ends with code 0 when it
 * came to its end before that.
 */
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const [outbox = '', key = '', lastStep = '0'] = process.argv.slice(2)
let step = 0
const isLast = () => {
  step += 1
  return step === Number(lastStep)
}
const die = () => process.kill(process.pid, 'SIGKILL')

type Operation = (...args: never[]) => Promise<unknown>
const all = fs as unknown as Record<string, Operation>
for (const name of ['access', 'mkdir', 'rename', 'rm'] as const) {
  const operation = all[name] as Operation
  all[name] = async (...args) => {
    if (isLast()) die()
    return operation(...args)
  }
}
const { open } = fs
fs.open = async (...args) => {
  if (isLast()) die()
  const handle = await open(...args)
  const { writeFile, sync } = handle
  handle.writeFile = async (data) => {
    const isCut = isLast()
    const text = String(data)
    await writeFile.call(handle, isCut ? text.slice(0, text.length / 2) : text)
    if (isCut) die()
  }
  handle.sync = async () => {
    if (isLast()) die()
    return sync.call(handle)
  }
  return handle
}
syncBuiltinESMExports()

const { writeConfirmation } = await import('./write-confirmation.ts')
await writeConfirmation(outbox, { key, workOrder: '1001', body: { quantityGood: 4 } })
