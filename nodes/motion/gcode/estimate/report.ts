/** Everything worth knowing of a program before it runs, from one pass over its bytes. */
import type { ProgramFinding, ProgramReport } from '../../program.ts'
import type { Finding, MachineModel, ProgramFacts, ProgramListener } from '../contract.ts'
import { Estimator, type EstimatorOptions } from './estimator.ts'
import type { TimelineData } from './timeline.ts'

/** How many findings a report shows. */
const MOST_FINDINGS = 200

/** Collects a {@link ProgramReport}: give `listener` to `readProgram`, then what its `end()` said to `finish`. */
export interface ProgramReportCollector {
  listener: ProgramListener & Required<Pick<ProgramListener, 'motion' | 'event' | 'finding'>>
  /** Call once, behind the end of the program. */
  finish(facts: ProgramFacts): ProgramReport
  /** After `finish`, unless none was wanted: the time left when a line is done. Plain data, for another thread. */
  readonly timeline: ProgramTimeline
}

/** Seconds by line, to refine the time left while a program runs: see `remainingAt`. */
export interface ProgramTimeline {
  /** Right for programs that run from top to bottom. */
  bySourceLine: TimelineData
  /** By the number of lines sent to the controller: right for every program. */
  bySentLine: TimelineData
}

export interface ProgramReportOptions extends EstimatorOptions {
  /** Also hears the program: who draws it or keeps its lines. */
  also?: ProgramListener
  /** False where the times by line are not needed: faster, since no line has to be written out for counting. @defaultValue true */
  keepsTimeline?: boolean
}

export function createProgramReport(model: MachineModel, options: ProgramReportOptions = {}): ProgramReportCollector {
  const estimator = new Estimator(model, options)
  const findings = new FindingList()
  const also = options.also ?? {}
  const { keepsTimeline = true } = options
  const hearsOutput = keepsTimeline || also.output !== undefined
  let sent = 0
  let timeline: ProgramTimeline | undefined
  return {
    listener: {
      motion(motion) {
        estimator.motion(motion, hearsOutput ? sent : motion.line)
        also.motion?.(motion)
      },
      event(event) {
        estimator.event(event, hearsOutput ? sent : event.line)
        also.event?.(event)
      },
      ...(hearsOutput
        ? {
            output(text, line) {
              sent += 1
              also.output?.(text, line)
            },
          }
        : {}),
      finding(finding) {
        findings.add(finding)
        also.finding?.(finding)
      },
    },
    finish(facts) {
      const estimate = estimator.end(facts.sourceLines, facts.outputLines)
      if (keepsTimeline) timeline = { bySourceLine: estimate.bySourceLine, bySentLine: estimate.bySentLine }
      const axes = Math.max(model.dialect.axisCount, 3)
      const box = (extents: { min: Float64Array; max: Float64Array }) => ({ min: [...extents.min.subarray(0, axes)], max: [...extents.max.subarray(0, axes)] })
      return {
        isRunnable: facts.errors === 0,
        sourceLines: facts.sourceLines,
        totalLines: facts.outputLines,
        isExpanded: facts.isExpanded,
        ...(facts.units ? { units: facts.units } : {}),
        ...(facts.extentsMm ? { extentsMm: box(facts.extentsMm) } : {}),
        ...(facts.workExtentsMm ? { workExtentsMm: box(facts.workExtentsMm) } : {}),
        estimateS: estimate.seconds,
        cuttingMm: estimate.tools.cuttingMm,
        rapidMm: estimate.tools.rapidMm,
        tools: estimate.tools.uses(),
        findings: findings.list(),
        findingsTotal: facts.errors + facts.warnings + facts.notes,
      }
    },
    get timeline() {
      if (!timeline) throw new Error('There is no timeline before the end of the program, and none with keepsTimeline off')
      return timeline
    },
  }
}

/** The first findings of each severity, as many as may be shown. */
class FindingList {
  private readonly bySeverity: Record<Finding['severity'], ProgramFinding[]> = { error: [], warning: [], note: [] }

  add({ severity, code, line, column, text }: Finding): void {
    const list = this.bySeverity[severity]
    if (list.length < MOST_FINDINGS) list.push({ severity, code, line, column, text })
  }

  list(): ProgramFinding[] {
    const { error, warning, note } = this.bySeverity
    return [...error, ...warning, ...note].slice(0, MOST_FINDINGS)
  }
}
