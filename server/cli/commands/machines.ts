/** `cellwright machine …`, `program run`, `hold`, `resume`, `stop`. */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from 'commander'
import { messageOf, OperationalError, UserError } from '../../../base/errors.ts'
import {
  addMachine,
  getJob,
  getMachine,
  holdMachine,
  type Job,
  listMachines,
  type Machine,
  type MachineView,
  resumeMachine,
  startProgram,
  stopMachine,
  uploadProgram,
} from '../../api/index.ts'
import type { Client } from '../client.ts'
import type { Shell } from './shell.ts'

const NOT_AN_EMERGENCY_STOP = 'This is a software stop. It does not replace the hardware emergency stop.'

function stateText(view: MachineView): string {
  if (view.guard !== 'running' || !view.state) return `guard ${view.guard}`
  const { link, controller, alarm } = view.state
  if (link !== 'connected') return link
  return alarm ? `alarm ${alarm.code}: ${alarm.text}` : controller
}

const axes = (values: readonly number[] | undefined) => (values ?? []).map((v) => v.toFixed(3)).join(' ')

async function machineFromFile(file: string): Promise<Machine> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Machine
  } catch (error) {
    throw new UserError({ code: 'file-unreadable', message: `${file} could not be read as JSON: ${messageOf(error)}` })
  }
}

/** Follows a machine job to its end. Ctrl-C holds the machine: a person who leaves must not leave it running unseen. */
async function followJob(client: Client, job: Job, progress: (text: string) => void): Promise<Job> {
  let isInterrupted = false
  const interrupt = () => {
    isInterrupted = true
  }
  process.on('SIGINT', interrupt)
  try {
    let last = ''
    for (;;) {
      const now = await client.call(getJob, { params: { jobId: job.id } })
      if (now.endedAt) return now
      const text = now.state === 'waiting' ? 'waiting for the machine' : `line ${now.progress?.done ?? 0} of ${now.progress?.total ?? '?'}`
      if (text !== last) progress(text)
      last = text
      if (isInterrupted && now.machineId) {
        await client.call(holdMachine, { params: { machineId: now.machineId } })
        throw new UserError({
          code: 'held',
          message: `The machine is held. Go on with "cellwright resume ${now.machineId}", end the job with "cellwright stop ${now.machineId}".`,
        })
      }
      await wait(200)
    }
  } finally {
    process.off('SIGINT', interrupt)
  }
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
      const { state } = view
      const lines = [`${view.name} (${view.id})${view.isVirtual ? ', a VIRTUAL machine' : ''}: ${stateText(view)}`]
      if (state) {
        lines.push(
          `work position    ${axes(state.workPositionMm)} mm`,
          `machine position ${axes(state.machinePositionMm)} mm${state.isPositionTrusted ? '' : '  (not trusted: home the machine)'}`,
        )
        if (state.job) lines.push(`${state.job.programName}: ${state.job.phase}, line ${state.job.currentLine} of ${state.job.totalLines}`)
        lines.push(...state.notices)
      }
      output().result(view, lines.join('\n'))
    })
  machine
    .command('add <id>')
    .description('adds a machine: --file with its settings as JSON, or --virtual')
    .option('--file <file>', 'settings: name, link, envelopeMm, whenRequesterGone')
    .option('--virtual', 'a simulated machine of 400 x 300 x 100 mm')
    .option('--time-scale <factor>', 'simulated seconds per second', Number, 1)
    .option('--name <name>', 'name as people say it')
    .action(async (id: string, options: { file?: string; virtual?: boolean; timeScale: number; name?: string }) => {
      if (Boolean(options.file) === Boolean(options.virtual))
        throw new UserError({ code: 'machine-which', message: 'Say which machine: either --file SETTINGS.json or --virtual.' })
      const body: Machine = options.file
        ? { ...(await machineFromFile(options.file)), id }
        : {
            id,
            name: options.name ?? id,
            link: { kind: 'virtual', timeScale: options.timeScale },
            envelopeMm: { min: [-10, -10, -60], max: [390, 290, 40] },
            whenRequesterGone: 'finish',
          }
      const made = await client().call(addMachine, { body })
      output().result(made, `${made.name} (${made.id}) was added; its guard is ${made.guard}.`)
    })
  program
    .command('program')
    .description('programs')
    .command('run <file>')
    .description('uploads a G-code file, queues it for a machine and follows it to its end. The machine moves.')
    .requiredOption('--machine <machine>', 'machine id')
    .option('--no-wait', 'return when it is queued')
    .action(async (file: string, options: { machine: string; wait: boolean }) => {
      const api = client()
      const out = output()
      const stored = await api.upload(uploadProgram, { name: basename(file) }, file).catch((error: unknown) => {
        if (messageOf(error).includes('ENOENT')) throw new UserError({ code: 'file-missing', message: `There is no file ${file}.` })
        throw error
      })
      const queued = await api.call(startProgram, { body: { machineId: options.machine, programId: stored.id } })
      if (!options.wait) return out.result(queued, `Queued as ${queued.id}.`)
      const ended = await followJob(api, queued, out.progress)
      out.result(ended, `${stored.name}: ${ended.state}. ${ended.reason ?? ''}`.trim())
      if (ended.state !== 'completed') throw new OperationalError({ code: `job-${ended.state}`, message: ended.reason ?? `The job ${ended.state}.` })
    })
  for (const [name, route, text] of [
    ['hold', holdMachine, `feed hold: the machine slows to a stand and keeps its job. ${NOT_AN_EMERGENCY_STOP}`],
    ['resume', resumeMachine, 'goes on after a hold. The machine moves.'],
  ] as const) {
    program
      .command(`${name} <machine>`)
      .description(text)
      .action(async (machineId: string) => {
        const answer = await client().call(route, { params: { machineId } })
        output().result(answer, name === 'hold' ? `Held. ${NOT_AN_EMERGENCY_STOP}` : 'Resumed.')
      })
  }
  program
    .command('stop <machine>')
    .description(`stops the machine and ends its job. ${NOT_AN_EMERGENCY_STOP}`)
    .option('--hard', 'reset at once; the position is lost')
    .action(async (machineId: string, options: { hard?: boolean }) => {
      const answer = await client().call(stopMachine, { params: { machineId }, body: { hard: Boolean(options.hard) } })
      output().result(answer, `Stop sent at ${answer.sentAt}. ${NOT_AN_EMERGENCY_STOP}`)
    })
}
