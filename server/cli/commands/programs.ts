/** `cellwright program run|check|list`. */
import { basename } from 'node:path'
import type { Command } from 'commander'
import { OperationalError, UserError } from '../../../base/errors.ts'
import { checker } from '../../../base/schema.ts'
import { type Job, listPrograms, ProgramTransform, type StartOptions, startProgram, transformProgram, uploadProgram } from '../../api/index.ts'
import { checkProgramFile } from '../check-program-file.ts'
import { jsonFrom } from '../files.ts'
import { followJob } from '../follow-job.ts'
import { watchInterrupt } from '../interrupt.ts'
import { reportText } from '../report-text.ts'
import type { Shell } from './shell.ts'

const TRANSFORM_MS = 1_800_000
const change = checker(ProgramTransform)
const TRANSFORM_HELP = `
The change is JSON, or a file with it (@change.json):
  '{"kind":"offset","byMm":[10,0,0]}'
  '{"kind":"rotate","angleDeg":90,"aboutMm":[0,0]}'
  '{"kind":"mirror","axis":"X","atMm":50}'
  '{"kind":"scale","factor":[1.02,1.02,1],"aboutMm":[0,0,0]}'
  '{"kind":"optimise","toleranceMm":0.005,"fitsArcs":true}'
  @levelled.json with {"kind":"level","map":…,"toleranceMm":0.01} and a height map as "machine probe … height-map --json" prints it`

/** Uploads, queues and follows. @throws UserError, OperationalError when the program did not run to its end */
async function runProgram(
  file: string,
  { machineId, waits, options }: { machineId: string; waits: boolean; options: StartOptions },
  { client, output }: Shell,
): Promise<void> {
  const out = output()
  const api = client()
  const interrupt = watchInterrupt()
  try {
    const stored = await api.upload(uploadProgram, { name: basename(file) }, file, { signal: interrupt.asked })
    interrupt.throwIfAsked('Given up. Nothing was started.')
    // from here on the machine may move: an interrupt is heeded once it is known which job it is
    const queued = await api.call(startProgram, {
      body: { machineId, programId: stored.id, idempotencyKey: crypto.randomUUID(), ...(Object.keys(options).length ? { options } : {}) },
    })
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
    .option('--optional-stop', 'stop at M1')
    .option('--block-delete', 'leave out lines that begin with /')
    .action((file: string, { machine, wait, optionalStop, blockDelete }: { machine: string; wait: boolean; optionalStop?: boolean; blockDelete?: boolean }) =>
      runProgram(file, { machineId: machine, waits: wait, options: { ...(optionalStop && { optionalStop }), ...(blockDelete && { blockDelete }) } }, shell),
    )
  program
    .command('check <file>')
    .description('looks at a G-code file as the guard does before it sends a line, with a time estimate; needs no server')
    .option('--machine-file <file>', 'settings as for "machine add --file": the travel that the program must stay in')
    .option('--work-offset <x,y,z>', 'where the work zero is in machine coordinates, in mm (default: 0,0,0)')
    .option('--dialect <dialect>', 'grbl, grblhal, fluidnc or linuxcnc (default: as the machine file says, else grbl)')
    .action(async (file: string, options: { machineFile?: string; workOffset?: string; dialect?: string }) => {
      const found = await checkProgramFile(file, options)
      shell
        .output()
        .result(
          { file, ...found },
          `${reportText(basename(file), found)}\n${
            found.isEnvelopeChecked ? 'It stays inside the machine.' : 'The travel of a machine was not looked at: name one with --machine-file.'
          }`,
        )
    })
  program
    .command('transform <program> <name> <change>')
    .description('makes a new program of the library from one (name or id), with the proof that its path is right')
    .addHelpText('after', TRANSFORM_HELP)
    .action(async (source: string, name: string, text: string) => {
      const api = shell.client()
      const asked = change.parse(await jsonFrom(text), 'The change')
      const programs = await api.call(listPrograms, {})
      // newest first: a name stands for its newest revision
      const found = programs.find(({ id }) => id === source) ?? programs.find((one) => one.name === source)
      if (!found) throw new UserError({ code: 'program-not-found', message: `There is no program "${source}". "cellwright program list" names them.` })
      const made = await api.call(transformProgram, { params: { programId: found.id }, body: { name, transform: asked } }, { timeoutMs: TRANSFORM_MS })
      const { program: stored, report } = made
      shell
        .output()
        .result(
          made,
          [
            `${stored.name}, revision ${stored.revision} (${stored.id}): ${stored.origin?.text ?? ''}.`,
            `${report.linesAfter} lines (${report.linesBefore} before), ${report.bytesAfter} bytes (${report.bytesBefore} before).`,
            `The path is within ${report.largestDeviationMm.toFixed(5)} mm of the one asked for; ${report.toleranceMm} mm were allowed.`,
            ...(report.notes ?? []),
          ].join('\n'),
        )
    })
  program
    .command('list')
    .description('lists the programs on the server')
    .action(async () => {
      const programs = await shell.client().call(listPrograms, {})
      shell.output().table(
        programs,
        {
          NAME: (p) => p.name,
          REV: (p) => p.revision,
          LINES: (p) => p.lines,
          BYTES: (p) => p.bytes,
          UPLOADED: (p) => p.uploadedAt,
          BY: (p) => p.uploadedBy,
          FROM: (p) => p.origin && `${p.origin.name} ${p.origin.revision}`,
          ID: (p) => p.id,
        },
        'No program yet.',
      )
    })
}
