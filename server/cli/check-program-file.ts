/** `cellwright program check`: what the guard's check says of a program, on a file, without a machine and without a server. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { UserError } from '../../base/errors.ts'
import { checker } from '../../base/schema.ts'
import {
  createProgramReport,
  dialectFor,
  type Finding,
  freshModalState,
  type GcodeDialect,
  type MachineModel,
  readProgram,
} from '../../nodes/motion/gcode/index.ts'
import type { ProgramReport } from '../../nodes/motion/program.ts'
import { MachineSettings } from '../api/index.ts'
import { programText } from '../machines/program-text.ts'
import { fileProblem, readJsonFile } from './files.ts'

/** What was found in a program that can be run; extents in machine coordinates, absent without a move. */
export interface FoundProgram extends ProgramReport {
  /** Lines that would be sent. */
  lines: number
  bytes: number
  sha256: string
  isEnvelopeChecked: boolean
  dialect: GcodeDialect['id']
}

const DIALECT_IDS = ['grbl', 'grblhal', 'fluidnc', 'linuxcnc'] as const satisfies readonly GcodeDialect['id'][]

const PIECE_BYTES = 256 * 1024
/** So many of the errors are told in the message; all of them are in its details. */
const MOST_TOLD = 10

const settings = checker(MachineSettings)

async function settingsIn(file: string): Promise<MachineSettings> {
  const { id: _, ...value } = (await readJsonFile(file)) as Record<string, unknown>
  return settings.parse(value, file)
}

function vectorFrom(text: string): number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  if (values.length !== 3 || values.some((value) => !Number.isFinite(value)))
    throw new UserError({ code: 'work-offset-invalid', message: `--work-offset must be three numbers such as 12.5,-40,0, not "${text}".` })
  return values
}

function dialectFrom(text: string | undefined, machine: MachineSettings | undefined): GcodeDialect['id'] {
  if (text === undefined) return machine?.controller === 'linuxcnc' ? 'linuxcnc' : 'grbl'
  const found = DIALECT_IDS.find((id) => id === text.toLowerCase())
  if (!found) throw new UserError({ code: 'dialect-unknown', message: `There is no dialect "${text}". Say one of: ${DIALECT_IDS.join(', ')}.` })
  return found
}

/** The machine stands at its work zero after a reset, with every other offset at zero. */
function modelFor(dialect: GcodeDialect['id'], workOffset: readonly number[], machine: MachineSettings | undefined): MachineModel {
  const guarding = machine?.guarding
  const zero = [0, 0, 0, 0, 0, 0]
  return {
    // M6 is the guard's, or the controller's: which of them is seen at the machine
    dialect: dialectFor(dialect, { axisCount: 3, changesTools: true }),
    modal: freshModalState(),
    positionMm: workOffset,
    workOffsetsMm: Array.from({ length: 9 }, () => workOffset),
    g92Mm: zero,
    toolLengthMm: zero,
    g28Mm: zero,
    g30Mm: zero,
    envelopeMm: machine?.envelopeMm ?? { min: [], max: [] },
    keepOut: (guarding?.keepOut ?? []).filter(({ isActive }) => isActive),
    ...(guarding?.maxFeedMmPerMin === undefined ? {} : { maxFeedMmPerMin: guarding.maxFeedMmPerMin }),
    ...(guarding?.spindleRpm ? { spindleRpm: guarding.spindleRpm } : {}),
    ...(guarding?.maxDwellS === undefined ? {} : { maxDwellS: guarding.maxDwellS }),
    ...(guarding?.forbiddenCodes ? { forbiddenCodes: guarding.forbiddenCodes } : {}),
  }
}

/** What stands in the way, as an error; the code is that of the first finding. */
function refused(file: string, report: ProgramReport, firstError: Finding): UserError {
  const errors = report.findings.filter(({ severity }) => severity === 'error')
  const told = errors.slice(0, MOST_TOLD).map(({ line, column, text }) => `Line ${line}, column ${column}: ${text}`)
  const more = errors.length > MOST_TOLD ? [`… and ${errors.length - MOST_TOLD} more.`] : []
  const isEnvelope = firstError.code === 'outside-envelope'
  return new UserError({
    code: isEnvelope || firstError.code === 'keep-out' ? firstError.code : 'line-refused',
    message: [`${basename(file)} cannot be run.`, ...told, ...more].join('\n'),
    details: { line: firstError.line, column: firstError.column, reason: firstError.text, report },
  })
}

/**
 * Reads the file once, in pieces.
 * @param options `machineFile`: settings as for `machine add --file`; `workOffset`: `x,y,z` in mm; `dialect`: one of grbl, grblhal, fluidnc, linuxcnc
 * @throws UserError `program-invalid`, `program-empty`; `line-refused`, `outside-envelope`, `keep-out` with the whole report in the details;
 * `dialect-unknown`, `work-offset-invalid`, `file-missing`, `file-unusable`
 */
export async function checkProgramFile(file: string, options: { machineFile?: string; workOffset?: string; dialect?: string }): Promise<FoundProgram> {
  const workOffset = options.workOffset === undefined ? [0, 0, 0] : vectorFrom(options.workOffset)
  const machine = options.machineFile === undefined ? undefined : await settingsIn(options.machineFile)
  const dialect = dialectFrom(options.dialect, machine)
  const model = modelFor(dialect, workOffset, machine)
  let firstError: Finding | undefined
  const collector = createProgramReport(model, {
    keepsTimeline: false,
    also: {
      finding(finding) {
        if (finding.severity === 'error') firstError ??= { ...finding }
      },
    },
  })
  const reader = readProgram(model, collector.listener)
  const hash = createHash('sha256')
  const text = programText()
  let bytes = 0
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: PIECE_BYTES }) as AsyncIterable<Buffer>) {
      text.take(chunk)
      hash.update(chunk)
      reader.add(chunk)
      bytes += chunk.length
    }
  } catch (error) {
    if (error instanceof UserError) throw error
    throw fileProblem(file, error)
  }
  text.end()
  const report = collector.finish(reader.end())
  if (firstError) throw refused(file, report, firstError)
  if (report.totalLines === 0) {
    throw new UserError({ code: 'program-empty', message: 'The program holds no line that could be sent. Check that it is the right file.' })
  }
  return { ...report, lines: report.totalLines, bytes, sha256: hash.digest('hex'), isEnvelopeChecked: machine !== undefined, dialect }
}
