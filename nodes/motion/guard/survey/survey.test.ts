import { spawn } from 'node:child_process'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checker } from '../../../../base/schema.ts'
import { Survey } from '../../survey.ts'
import { startVirtualController, type VirtualControllerOptions } from '../../virtual/index.ts'
import { RshServer } from '../test/rsh-server.ts'
import { surveyGrbl } from './grbl.ts'
import { surveyLinuxcnc } from './linuxcnc.ts'
import { surveyPorts } from './ports.ts'

/** Where an answer comes. */
const patient = { timings: { bootMs: 200, reportMs: 20_000 } }
/** Where none does. */
const quick = { timings: { bootMs: 200, reportMs: 400 } }

async function controller(options: VirtualControllerOptions = {}) {
  const machine = await startVirtualController({ timeScale: 50, envelopeMm: { min: [-300, -200, -80], max: [0, 0, 0] }, ...options })
  onTestFinished(() => machine.close())
  return { machine, link: { kind: 'serial', path: machine.port, baudRate: 115_200, resetsOnOpen: false } as const }
}

/** Something at a TCP port that says this when it hears anything. */
async function somebody(says: string) {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => socket.write(says, 'latin1'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return { kind: 'tcp', host: '127.0.0.1', port: (server.address() as AddressInfo).port } as const
}

const never = new AbortController().signal

test('finds a controller, says what it is and where it can go, and lets go of the port', async () => {
  const { link } = await controller({ settings: { 20: 1, 22: 1 } })
  const found = await surveyGrbl(link, never, patient)
  expect(checker(Survey).errors(found)).toEqual([])
  expect(found).toMatchObject({
    firmware: 'Grbl 1.1h',
    dialect: 'grbl',
    envelopeMm: { min: [-300, -200, -80], max: [0, 0, 0] },
    abilities: { axes: ['X', 'Y', 'Z'], hasHoming: true, hasSoftLimits: true, rxBytes: 128, travelMm: [300, 200, 80] },
  })
  expect(found.settings.find(({ number }) => number === 110)).toMatchObject({ name: 'X highest rate', unit: 'mm/min' })
  expect(found.remarks.join(' ')).toMatch(/\(\$10=1\): \$10=3 does.*locked: home it/)
  // the port is free again
  expect((await surveyGrbl(link, never, patient)).firmware).toBe('Grbl 1.1h')
})

test('does not guess the travel of a machine that cannot be homed, and says so', async () => {
  const { link, machine } = await controller({ settings: { 22: 0, 20: 0, 13: 1 } })
  const found = await surveyGrbl(link, never, patient)
  expect(found).not.toHaveProperty('envelopeMm')
  expect(found.remarks.join(' ')).toMatch(/Homing is off.*Soft limits are off.*inches/)
  // nothing but questions went out
  expect(machine.receivedText().replaceAll('?', '')).toMatch(/^(\$(I|I\+|\$)\n)+$/)
})

test('a controller at work is left alone', async () => {
  const { link, machine } = await controller()
  const first = await surveyGrbl(link, never, patient)
  expect(first.dialect).toBe('grbl')
  const { SerialPort } = await import('serialport')
  const other = new SerialPort({ path: machine.port, baudRate: 115_200, lock: true, hupcl: false })
  other.write('G21G91G1X-200F10\n')
  await machine.waitFor((m) => m.now().isMoving)
  await expect(surveyGrbl(link, never, patient)).rejects.toMatchObject({ code: 'link-failed', message: expect.stringMatching(/Another program has it open/) })
  await new Promise<void>((resolve) => other.close(() => resolve()))
  const before = machine.receivedText().length
  await expect(surveyGrbl(link, never, patient)).rejects.toMatchObject({ code: 'no-controller', message: expect.stringMatching(/busy/) })
  expect(machine.receivedText().slice(before)).toMatch(/^\?+$/)
})

test('silence and noise are told apart', async () => {
  await expect(surveyGrbl(await somebody(''), never, quick)).rejects.toMatchObject({
    code: 'no-controller',
    message: expect.stringMatching(/nothing there answers/),
  })
  await expect(surveyGrbl(await somebody('\x80\xfe\x00gar\n'), never, { timings: { reportMs: 2500 } })).rejects.toMatchObject({
    code: 'no-controller',
    message: expect.stringMatching(/baud rate/),
  })
})

test('names ports by what is known of their adapters, and by the name that stays', async () => {
  const list = async () => [
    { path: '/dev/ttyUSB0', vendorId: '1a86', productId: '7523' },
    { path: '/dev/ttyACM0', vendorId: '2341', productId: '0043', serialNumber: '85' },
    { path: '/dev/ttyS0' },
  ]
  const stable = async () => new Map([['/dev/ttyACM0', '/dev/serial/by-id/usb-Arduino-85']])
  expect(await surveyPorts(list, stable)).toEqual([
    { path: '/dev/ttyUSB0', vendorId: '1a86', productId: '7523', looksLike: expect.stringMatching(/CH340/), likelyResetsOnOpen: true },
    {
      path: '/dev/ttyACM0',
      vendorId: '2341',
      productId: '0043',
      serialNumber: '85',
      stablePath: '/dev/serial/by-id/usb-Arduino-85',
      looksLike: 'Arduino Uno',
      likelyResetsOnOpen: true,
    },
    { path: '/dev/ttyS0' },
  ])
})

test('finds LinuxCNC, with the travel of its INI file, and takes nothing from whoever commands it', async () => {
  const rsh = new RshServer({
    ini: Object.fromEntries(
      ['X', 'Y', 'Z'].flatMap((letter) => [
        [`[AXIS_${letter}]MIN_LIMIT`, '-10'],
        [`[AXIS_${letter}]MAX_LIMIT`, '200'],
        [`[AXIS_${letter}]MAX_VELOCITY`, '50'],
        [`[AXIS_${letter}]MAX_ACCELERATION`, '500'],
      ]),
    ),
  })
  const port = await rsh.listen()
  onTestFinished(() => rsh.close())
  const found = await surveyLinuxcnc({ kind: 'tcp', host: '127.0.0.1', port }, never)
  expect(checker(Survey).errors(found)).toEqual([])
  expect(found).toMatchObject({
    dialect: 'linuxcnc',
    envelopeMm: { min: [-10, -10, -10], max: [200, 200, 200] },
    abilities: { maxRateMmPerMin: [3000, 3000, 3000], travelMm: [210, 210, 210] },
  })
  expect(rsh.heard.filter((line) => line.startsWith('SET'))).toEqual(['SET VERBOSE ON', 'SET ECHO OFF'])
  await expect(surveyLinuxcnc(await somebody(''), never)).rejects.toMatchObject({ code: 'no-controller' })
})

/** The process as the gateway starts it. */
function ask(question: unknown) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'run.ts')], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let said = ''
  child.stdout.on('data', (text) => {
    said += text
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  child.stdin.write(`${JSON.stringify(question)}\n`)
  return { child, ended, said: () => JSON.parse(said) as { result?: unknown; error?: { code: string } } }
}

test('as a process: answers one question on standard output and ends', async () => {
  const { link } = await controller()
  const survey = ask({ kind: 'survey', link })
  expect(await survey.ended).toBe(0)
  expect(survey.said().result).toMatchObject({ firmware: 'Grbl 1.1h' })
  const ports = ask({ kind: 'ports' })
  expect(await ports.ended).toBe(0)
  expect(ports.said().result).toEqual(expect.any(Array))
  const nonsense = ask({ kind: 'survey', link: { kind: 'serial' } })
  expect(await nonsense.ended).toBe(0)
  expect(nonsense.said().error).toMatchObject({ code: 'invalid-input' })
})

test('as a process: ends soon when nobody waits for it any more', async () => {
  const survey = ask({ kind: 'survey', link: await somebody('') })
  survey.child.stdin.end()
  expect(await survey.ended).toBe(0)
})
