/** `cellwright program run|check|list`. */
import { basename } from 'node:path'
import type { Command } from 'commander'
import { OperationalError, UserError } from '../../../base/errors.ts'
import { type Job, listPrograms, startProgram, uploadProgram } from '../../api/index.ts'
import { checkProgramFile } from '../check-program-file.ts'
import { followJob } from '../follow-job.ts'
import { watchInterrupt } from '../interrupt.ts'
import type { Shell } from './shell.ts'

/** Uploads, queues and follows. @throws UserError, OperationalError when the program did not run to its end */
async function runProgram(file: string, { machineId, waits }: { machineId: string; waits: boolean }, { client, output }: Shell): Promise<void> {
  const out = output()
  const api = client()
  const interrupt = watchInterrupt()
  try {
    const stored = await api.upload(uploadProgram, { name: basename(file) }, file, { signal: interrupt.asked })
    interrupt.throwIfAsked('Given up. Nothing was started.')
    // from here on the machine may move: an interrupt is heeded once it is known which job it is
    const queued = await api.call(startProgram, { body: { machineId, programId: stored.id, idempotencyKey: crypto.randomUUID() } })
    if (!waits) return out.result(queued, `Queued as ${queued.id}. "cellwright jobs show ${queued.id}" tells what came of it.`)
    const ended = await followJob(api, queued, { out, interrupt })
    if (ended.state !== 'completed') throw notCompleted(ended)
    const { text } = (ended.outcome ?? {}) as { text?: string }
    out.result(ended, text ?? `${stored.name} has run to its end.`)
  } finally {
    interrupt.close()
  }
}

function notCompleted(job: Job): Error {
  const facts = { code: `job-${job.state}`, message: `${job.name}: ${job.state}. ${job.reason ?? ''}`.trim(), details: { job } }
  // what a person decided, or must decide; the rest is the program's or the machine's failure
  return job.state === 'cancelled' || job.state === 'interrupted' ? new UserError(facts) : new OperationalError(facts)
}

export function addProgramCommands(parent: Command, shell: Shell): void {
  const program = parent.command('program').description('G-code programs')
  program
    .command('run <file>')
    .description('uploads a G-code file, queues it for a machine and follows it to its end. The machine moves. Ctrl-C holds it.')
    .requiredOption('--machine <machine>', 'machine id')
    .option('--no-wait', 'return when it is queued')
    .action((file: string, options: { machine: string; wait: boolean }) => runProgram(file, { machineId: options.machine, waits: options.wait }, shell))
  program
    .command('check <file>')
    .description('looks at a G-code file as the guard does before it sends a line; needs no server')
    .option('--machine-file <file>', 'settings as for "machine add --file": the travel that the program must stay in')
    .option('--work-offset <x,y,z>', 'where the work zero is in machine coordinates, in mm (default: 0,0,0)')
    .action(async (file: string, options: { machineFile?: string; workOffset?: string }) => {
      const found = await checkProgramFile(file, options)
      const box = found.extentsMm
      const travel = box ? ['X', 'Y', 'Z'].map((axis, i) => `${axis} ${box.min[i]?.toFixed(3)} to ${box.max[i]?.toFixed(3)}`).join(', ') : 'no move'
      shell
        .output()
        .result(
          { file, ...found },
          `${basename(file)}: ${found.lines} lines can be sent. ${travel}${box ? ' mm in machine coordinates' : ''}.${
            found.isEnvelopeChecked ? ' It stays inside the machine.' : ' The travel of a machine was not looked at: name one with --machine-file.'
          }`,
        )
    })
  program
    .command('list')
    .description('lists the programs on the server')
    .action(async () => {
      const programs = await shell.client().call(listPrograms, {})
      shell
        .output()
        .table(
          programs,
          { NAME: (p) => p.name, LINES: (p) => p.lines, BYTES: (p) => p.bytes, UPLOADED: (p) => p.uploadedAt, BY: (p) => p.uploadedBy, ID: (p) => p.id },
          'No program yet.',
        )
    })
}
