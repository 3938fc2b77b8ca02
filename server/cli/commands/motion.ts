/** `cellwright machine act|jog|home|probe|override|answer|check|settings|ports|survey|traffic`. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from 'commander'
import { UserError } from '../../../base/errors.ts'
import { checker } from '../../../base/schema.ts'
import {
  answerMachineJob,
  backupFirmwareSettings,
  checkProgramOnMachine,
  type FirmwareSetting,
  getFirmwareSettings,
  getMachine,
  getTraffic,
  listSerialPorts,
  MachineAction,
  type MachineLink,
  ProbeCycle,
  type Survey,
  surveyLink,
  type TrafficLine,
  writeFirmwareSettings,
} from '../../api/index.ts'
import { actAndWait } from '../act.ts'
import { jsonFrom } from '../files.ts'
import { reportText } from '../report-text.ts'
import { numberFrom, type Shell } from './shell.ts'

const CHECK_MS = 3_600_000
const FOLLOW_EVERY_MS = 500
const ANSWERS = ['go-on', 'skip-line', 'stop', 'measure-tool'] as const

const action = checker(MachineAction)
const probeCycle = checker(ProbeCycle)

/** `X10` or `Z-2.5`. @throws UserError axis-invalid */
function axesFrom(words: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    words.map((word) => {
      const found = /^([XYZABC])=?([+-]?(?:\d+\.?\d*|\.\d+))$/i.exec(word)
      if (!found?.[1]) throw new UserError({ code: 'axis-invalid', message: `"${word}" is no axis with its value. Write X10 Y-5.5.` })
      return [found[1].toUpperCase(), Number(found[2])]
    }),
  )
}

/** `name=value` words to an object: numbers, true and false, lists with commas. @throws UserError value-invalid */
function valuesFrom(words: readonly string[]): Record<string, unknown> {
  const plain = (text: string): unknown =>
    text === 'true' ? true : text === 'false' ? false : text.trim() !== '' && !Number.isNaN(Number(text)) ? Number(text) : text
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=')
      if (at < 1) throw new UserError({ code: 'value-invalid', message: `"${word}" is no value. Write name=value, e.g. diameterMm=25.` })
      const text = word.slice(at + 1)
      return [word.slice(0, at), text.includes(',') ? text.split(',').map(plain) : plain(text)]
    }),
  )
}

const PROBE_HELP = `
Cycles and what each needs, as name=value (mm, mm/min):
  touch-plate  plateThicknessMm
  surface      axis=X|Y|Z side=+|-
  edge         axis=X|Y side=+|- tipDiameterMm
  corner       x=left|right y=front|back tipDiameterMm [clearanceMm depthMm]
  bore, boss   diameterMm tipDiameterMm [boss: clearanceMm depthMm]
  angle        along=X|Y side=+|- distanceMm tipDiameterMm
  tool-length  [isReference=true]
  height-map   minMm=0,0 maxMm=80,60 columns=5 rows=5 [clearanceZMm]
For all that touch: feedMmPerMin fineFeedMmPerMin maxTravelMm retractMm. Where something can be set: workOffset=G54.
Example: cellwright machine probe mill bore diameterMm=25 tipDiameterMm=3 workOffset=G54`

export function addMotionCommands(machine: Command, { client, output }: Shell): void {
  const act = async (machineId: string, asked: MachineAction) => {
    const out = output()
    const result = await actAndWait(client(), { machineId, action: asked }, out)
    out.result(result, [result.text, ...(result.answer === undefined ? [] : [result.answer]), ...foundText(result.probe)].join('\n'))
  }

  machine
    .command('act <machine> <action>')
    .description(
      'does one thing, given as JSON: \'{"kind":"set-here","workOffset":"G54","here":{"Z":0}}\', or a file with it (@action.json). The machine may move.',
    )
    .action(async (machineId: string, text: string) => act(machineId, action.parse(await jsonFrom(text), 'The action')))
  machine
    .command('jog <machine> <axes...>')
    .description(
      'moves by a distance: jog mill X10 Z-2 --feed 500; with --to to a place in work coordinates, with --to-machine in machine coordinates. The machine moves. Ctrl-C holds it.',
    )
    .requiredOption('--feed <mm/min>', 'feed', numberFrom({ min: 0.001, max: 100_000 }))
    .option('--to', 'the values are a place in work coordinates')
    .option('--to-machine', 'the values are a place in machine coordinates')
    .action((machineId: string, words: string[], options: { feed: number; to?: boolean; toMachine?: boolean }) => {
      const values = axesFrom(words)
      const { feed: feedMmPerMin, to: isWork, toMachine: isMachine } = options
      if (isWork && isMachine) throw new UserError({ code: 'frame-unclear', message: 'Say one of --to and --to-machine.' })
      return act(
        machineId,
        isWork || isMachine ? { kind: 'go-to', to: values, frame: isMachine ? 'machine' : 'work', feedMmPerMin } : { kind: 'jog', by: values, feedMmPerMin },
      )
    })
  machine
    .command('home <machine>')
    .description('runs the homing cycle. The machine moves. Ctrl-C holds it.')
    .option('--axes <axes>', 'single axes, e.g. XZ, where the controller can')
    .action((machineId: string, { axes }: { axes?: string }) => {
      const asked = { kind: 'home', ...(axes === undefined ? {} : { axes: [...axes.toUpperCase()] }) }
      return act(machineId, action.parse(asked, '--axes'))
    })
  machine
    .command('probe <machine> <cycle> [values...]')
    .description('runs a probing cycle from where the tool stands. The machine moves. Ctrl-C holds it.')
    .addHelpText('after', PROBE_HELP)
    .action((machineId: string, cycle: string, words: string[]) =>
      act(machineId, { kind: 'probe', probe: probeCycle.parse({ cycle, ...valuesFrom(words) }, 'The cycle') }),
    )
  machine
    .command('override <machine>')
    .description('sets the overrides, also while a program runs')
    .option('--feed <percent>', '10 to 200', numberFrom({ min: 10, max: 200, isWhole: true }))
    .option('--rapid <percent>', '25, 50 or 100', numberFrom({ min: 25, max: 100, isWhole: true }))
    .option('--spindle <percent>', '10 to 200', numberFrom({ min: 10, max: 200, isWhole: true }))
    .action((machineId: string, percents: { feed?: number; rapid?: number; spindle?: number }) => {
      if (!Object.keys(percents).length) throw new UserError({ code: 'override-which', message: 'Say at least one of --feed, --rapid and --spindle.' })
      const { feed, rapid, spindle } = percents
      return act(machineId, action.parse({ kind: 'override', ...(feed && { feed }), ...(rapid && { rapid }), ...(spindle && { spindle }) }, 'The override'))
    })

  machine
    .command('answer <machine> <answer>')
    .description(`answers what the running program waits for: ${ANSWERS.join(', ')}. The machine may move.`)
    .action(async (machineId: string, word: string) => {
      const answer = ANSWERS.find((one) => one === word)
      if (!answer) throw new UserError({ code: 'answer-unknown', message: `"${word}" is no answer. Say one of: ${ANSWERS.join(', ')}.` })
      const api = client()
      const { state } = await api.call(getMachine, { params: { machineId } })
      const job = state?.job
      if (!job?.waitingFor) throw new UserError({ code: 'nothing-to-answer', message: `No program on ${machineId} waits for an answer now.` })
      const done = await api.call(answerMachineJob, { params: { machineId }, body: { jobId: job.jobId, answer } }, { timeoutMs: CHECK_MS })
      output().result(done, `Answered: ${answer}. It was: ${job.waitingFor.text}`)
    })
  machine
    .command('check <machine> <program>')
    .description('checks a program of the library (name or id) against the machine as it is now. Nothing moves.')
    .option('--block-delete', 'without the lines that begin with /')
    .action(async (machineId: string, program: string, { blockDelete = false }: { blockDelete?: boolean }) => {
      const body = { programId: program, blockDelete }
      const report = await client().call(checkProgramOnMachine, { params: { machineId }, body }, { timeoutMs: CHECK_MS })
      output().result(report, reportText(program, report))
      // as "program check": what may not run is something to be put right
      if (!report.isRunnable) process.exitCode = 2
    })

  machine
    .command('settings <machine>')
    .description("the controller's own settings beside their backup; --set changes them on an idle machine, --backup keeps them")
    .option('--set <number=value...>', 'e.g. --set 110=500 120=10')
    .option('--backup', 'keeps the settings as they are now, to compare with later')
    .option('--drifted', 'only those that differ from the backup')
    .action(async (machineId: string, { set, backup, drifted }: { set?: string[]; backup?: boolean; drifted?: boolean }) => {
      const api = client()
      const params = { machineId }
      const list = set
        ? await api.call(writeFirmwareSettings, { params, body: { settings: set.map(settingFrom) } }, { timeoutMs: 300_000 })
        : await api.call(getFirmwareSettings, { params })
      if (backup) await api.call(backupFirmwareSettings, { params })
      const shown = drifted ? list.filter(({ isDrifted }) => isDrifted) : list
      output().table<FirmwareSetting>(
        shown,
        {
          SETTING: (s) => `$${s.number}`,
          VALUE: (s) => s.value,
          UNIT: (s) => s.unit,
          NAME: (s) => s.name,
          BACKUP: (s) => (s.isDrifted ? s.backup : undefined),
        },
        drifted ? 'No setting differs from the backup.' : 'The controller has told no settings.',
      )
    })
  machine
    .command('traffic <machine>')
    .description('the latest talk between guard and controller, without status reports')
    .option('--follow', 'goes on until Ctrl-C')
    .action(async (machineId: string, { follow }: { follow?: boolean }) => {
      const api = client()
      const out = output()
      const read = (after: number) => api.call(getTraffic, { params: { machineId }, query: { after } })
      let lines = await read(0)
      if (!follow) return out.result(lines, lines.map(trafficText).join('\n') || 'Nothing was said yet.')
      for (;;) {
        for (const line of lines) out.result(line, trafficText(line))
        await wait(FOLLOW_EVERY_MS)
        lines = await read(lines.at(-1)?.seq ?? 0)
      }
    })

  machine
    .command('ports')
    .description('the serial ports of the server, and which machine uses each')
    .action(async () => {
      const ports = await client().call(listSerialPorts, {})
      output().table(
        ports,
        {
          PORT: (p) => p.stablePath ?? p.path,
          IS: (p) => p.looksLike ?? p.manufacturer,
          IDS: (p) => (p.vendorId ? `${p.vendorId}:${p.productId ?? ''}` : undefined),
          SERIAL: (p) => p.serialNumber,
          MACHINE: (p) => p.machineId,
        },
        'The server has no serial port.',
      )
    })
  machine
    .command('survey')
    .description('asks what controller is behind a link that no machine uses. Opening a serial port may reset the board behind it.')
    .option('--port <path>', 'a serial port of the server')
    .option('--baud <rate>', 'of the serial port', numberFrom({ min: 300, max: 4_000_000, isWhole: true }))
    .option('--tcp <host:port>', 'a network address')
    .option('--websocket <url>', 'e.g. ws://fluidnc.local:81/')
    .action(async (options: { port?: string; baud?: number; tcp?: string; websocket?: string }) => {
      const found = await client().call(surveyLink, { body: { link: linkFrom(options) } })
      output().result(found, surveyText(found))
    })
}

function settingFrom(text: string): { number: number; value: string } {
  const found = /^\$?(\d{1,4})=(.+)$/.exec(text)
  if (!found) throw new UserError({ code: 'setting-invalid', message: `"${text}" is no setting. Write its number and its value: 110=500.` })
  return { number: Number(found[1]), value: found[2] ?? '' }
}

function linkFrom({ port, baud, tcp, websocket }: { port?: string; baud?: number; tcp?: string; websocket?: string }): MachineLink {
  if ([port, tcp, websocket].filter((one) => one !== undefined).length !== 1)
    throw new UserError({ code: 'link-which', message: 'Say one link: --port, --tcp or --websocket.' })
  if (port !== undefined) return { kind: 'serial', path: port, baudRate: baud ?? 115_200, resetsOnOpen: true }
  if (websocket !== undefined) return { kind: 'websocket', url: websocket }
  const found = /^(.+):(\d{1,5})$/.exec(tcp ?? '')
  if (!found?.[1]) throw new UserError({ code: 'link-which', message: `"${tcp}" is no address with its port. It looks like 192.168.1.20:23.` })
  return { kind: 'tcp', host: found[1], port: Number(found[2]) }
}

function foundText(probe: { foundMm?: object; diameterMm?: number; angleDeg?: number; toolLengthMm?: number; setText?: string } | undefined): string[] {
  if (!probe) return []
  const { foundMm, diameterMm, angleDeg, toolLengthMm, setText } = probe
  return [
    ...(foundMm
      ? [
          `found at ${Object.entries(foundMm)
            .map(([axis, value]) => `${axis} ${Number(value).toFixed(3)}`)
            .join(', ')} mm`,
        ]
      : []),
    ...(diameterMm === undefined ? [] : [`diameter ${diameterMm.toFixed(3)} mm`]),
    ...(angleDeg === undefined ? [] : [`angle ${angleDeg.toFixed(4)} degrees`]),
    ...(toolLengthMm === undefined ? [] : [`tool length ${toolLengthMm.toFixed(3)} mm`]),
    ...(setText ? [setText] : []),
  ]
}

const ARROWS: Record<TrafficLine['direction'], string> = { sent: '>', received: '<', realtime: '!', note: '#' }
const trafficText = ({ at, direction, text, by }: TrafficLine): string => `${at.slice(11, 23)} ${ARROWS[direction]} ${text}${by ? `  (${by})` : ''}`

function surveyText({ firmware, dialect, state, envelopeMm, settings, remarks, abilities }: Survey): string {
  const travel = envelopeMm && ['X', 'Y', 'Z'].map((axis, i) => `${axis} ${envelopeMm.min[i]} to ${envelopeMm.max[i]}`).join(', ')
  return [
    `${firmware} (${dialect}), ${state}`,
    ...(abilities ? [`axes ${abilities.axes.join(' ')}, homing ${abilities.hasHoming ? 'yes' : 'no'}, ${settings.length} settings`] : []),
    ...(travel ? [`travel ${travel} mm in machine coordinates`] : []),
    ...remarks,
  ].join('\n')
}
