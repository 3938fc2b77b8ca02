/** `cellwright machine …`, `hold`, `resume`, `stop`. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from 'commander'
import { UserError } from '../../../base/errors.ts'
import {
  addMachine,
  getMachine,
  holdMachine,
  listMachines,
  type Machine,
  type MachineView,
  removeMachine,
  resumeMachine,
  stopMachine,
} from '../../api/index.ts'
import type { Client } from '../client.ts'
import { readJsonFile } from '../files.ts'
import { clock } from '../report-text.ts'
import { addMotionCommands } from './motion.ts'
import { numberFrom, type Shell } from './shell.ts'

const NOT_AN_EMERGENCY_STOP = 'This is a software stop. It does not replace the hardware emergency stop.'
/** A guard and its virtual controller are there within a second or two. */
const GUARD_MS = 15_000
/** As the demo shop's mill has it. */
const VIRTUAL_TRAVEL = { min: [-20, -20, -60], max: [380, 280, 40] } satisfies Machine['envelopeMm']

const FILE_HELP = `
A settings file for a controller on a serial port:
  {
    "name": "Mill 1",
    "link": { "kind": "serial", "path": "/dev/serial/by-id/…", "baudRate": 115200 },
    "envelopeMm": { "min": [-400, -300, -100], "max": [0, 0, 0] },
    "whenRequesterGone": "finish"
  }
Other links: { "kind": "tcp", "host": "…", "port": 23 }, { "kind": "websocket", "url": "ws://…" } and { "kind": "virtual", "timeScale": 1 }.
"cellwright machine ports" and "cellwright machine survey" tell what there is.
The envelope is the travel in machine coordinates, in mm; a program that leaves it is refused.`

function stateText(view: MachineView): string {
  if (view.guard !== 'running' || !view.state) return `guard ${view.guard}`
  const { link, controller, alarm } = view.state
  if (link !== 'connected') return link
  return alarm ? `alarm ${alarm.code}: ${alarm.text}` : controller
}

const axes = (values: readonly number[]) => values.map((v) => v.toFixed(3)).join(' ')

function statusText(view: MachineView): string {
  const { state } = view
  const lines = [`${view.name} (${view.id})${view.isVirtual ? ', a VIRTUAL machine' : ''}: ${stateText(view)}`]
  if (state) {
    if (state.alarm) lines.push(state.alarm.whatToDo)
    lines.push(
      `work position    ${axes(state.workPositionMm)} mm`,
      `machine position ${axes(state.machinePositionMm)} mm${state.isPositionTrusted ? '' : '  (not trusted: home the machine)'}`,
    )
    if (state.job) {
      const { programName, phase, currentLine, totalLines, jobId, remainingS, waitingFor } = state.job
      lines.push(
        `${programName}: ${phase}, line ${currentLine} of ${totalLines}${remainingS === undefined ? '' : `, about ${clock(remainingS)} left`} (${jobId})`,
      )
      if (waitingFor) lines.push(`${waitingFor.text} "cellwright machine answer ${view.id} ${waitingFor.answers.join('|')}"`)
    }
    if (state.lease?.kind === 'held') lines.push(`${state.lease.holder} has the machine`)
    for (const { name, state: how } of state.interlocks ?? []) if (how !== 'safe') lines.push(`interlock "${name}" is ${how}: nothing starts`)
    lines.push(...state.notices)
  }
  return lines.join('\n')
}

/** What is asked of a machine whose guard does not know yet how its controller stands is refused. */
const isKnown = ({ state }: MachineView) =>
  state?.link === 'connected' && state.controller !== 'unknown' && (state.controller !== 'idle' || state.modal !== undefined)

/** Waits until the guard and its controller know each other, so that the next command finds a machine. */
async function untilThere(client: Client, added: MachineView): Promise<MachineView> {
  const deadline = performance.now() + GUARD_MS
  let view = added
  while (!isKnown(view) && performance.now() < deadline) {
    await wait(100)
    view = await client.call(getMachine, { params: { machineId: added.id } })
    if (view.state?.link === 'waiting-for-person') break
  }
  return view
}

export function addMachineCommands(program: Command, { client, output }: Shell): void {
  const machine = program.command('machine').description('machines')
  machine
    .command('list')
    .description('lists machines and what they do')
    .action(async () => {
      const machines = await client().call(listMachines, {})
      output().table(
        machines,
        { ID: (m) => m.id, NAME: (m) => m.name, KIND: (m) => (m.isVirtual ? 'VIRTUAL' : m.link.kind), STATE: stateText, JOB: (m) => m.state?.job?.programName },
        'No machine yet. Add one with "cellwright machine add ID --virtual", or start with the demo shop.',
      )
    })
  machine
    .command('status <machine>')
    .description('one machine: state, position, job')
    .action(async (machineId: string) => {
      const view = await client().call(getMachine, { params: { machineId } })
      output().result(view, statusText(view))
    })
  machine
    .command('add <id>')
    .description('adds a machine and starts its guard: --file with its settings as JSON, or --virtual')
    .option('--file <file>', 'settings: name, link, envelopeMm, whenRequesterGone')
    .option('--virtual', 'a simulated machine of 400 x 300 x 100 mm')
    .option('--time-scale <factor>', 'simulated seconds per second', numberFrom({ min: 0.1, max: 1000 }))
    .option('--name <name>', 'name as people say it')
    .addHelpText('after', FILE_HELP)
    .action(async (id: string, { file, virtual: isVirtual, timeScale, name }: { file?: string; virtual?: boolean; timeScale?: number; name?: string }) => {
      if (Boolean(file) === Boolean(isVirtual))
        throw new UserError({ code: 'machine-which', message: 'Say which machine: either --file SETTINGS.json or --virtual.' })
      if (file && timeScale !== undefined)
        throw new UserError({ code: 'machine-which', message: '--time-scale goes with --virtual; in a file it is part of "link".' })
      const settings = file
        ? await readJsonFile(file)
        : { name: id, link: { kind: 'virtual', timeScale: timeScale ?? 1 }, envelopeMm: VIRTUAL_TRAVEL, whenRequesterGone: 'finish' }
      if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
        throw new UserError({ code: 'machine-which', message: `${file} must hold one JSON object with the machine's settings.` })
      const api = client()
      // the server checks it: its words name what is wrong
      const body = { ...settings, ...(name === undefined ? {} : { name }), id } as Machine
      const view = await untilThere(api, await api.call(addMachine, { body }))
      output().result(view, `${view.name} (${view.id}) was added: ${stateText(view)}.`)
    })
  machine
    .command('remove <machine>')
    .description('removes a machine and ends its guard')
    .action(async (machineId: string) => {
      const answer = await client().call(removeMachine, { params: { machineId } })
      output().result(answer, `${machineId} was removed.`)
    })
  addMotionCommands(machine, { client, output })

  program
    .command('hold <machine>')
    .description(`feed hold: the machine slows to a stand and keeps its job. ${NOT_AN_EMERGENCY_STOP}`)
    .action(async (machineId: string) => {
      const answer = await client().call(holdMachine, { params: { machineId } }, { timeoutMs: 10_000 })
      output().result(answer, `Hold sent at ${answer.sentAt}. "cellwright resume ${machineId}" goes on. ${NOT_AN_EMERGENCY_STOP}`)
    })
  program
    .command('resume <machine>')
    .description('goes on after a hold. The machine moves.')
    .action(async (machineId: string) => {
      const answer = await client().call(resumeMachine, { params: { machineId } }, { timeoutMs: 10_000 })
      output().result(answer, 'Resumed.')
    })
  program
    .command('stop <machine>')
    .description(`stops the machine and ends its job. ${NOT_AN_EMERGENCY_STOP}`)
    .option('--hard', 'reset at once; the position is lost')
    .action(async (machineId: string, { hard: isHard }: { hard?: boolean }) => {
      const answer = await client().call(stopMachine, { params: { machineId }, body: { hard: Boolean(isHard) } }, { timeoutMs: 10_000 })
      output().result(answer, `Stop sent at ${answer.sentAt}. ${NOT_AN_EMERGENCY_STOP}`)
    })
}
