/** What a program's check found, for people. */
import type { ProgramReport } from '../api/index.ts'

/** So many findings are listed; `--json` has more of them. */
const LISTED = 20

/** `1:05:09` or `2:10`. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds)
  const two = (value: number) => String(value).padStart(2, '0')
  const [h, min, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return h ? `${h}:${two(min)}:${two(s)}` : `${min}:${two(s)}`
}

/** Whole sentences and one line for each finding and tool. */
export function reportText(name: string, report: ProgramReport): string {
  const { isRunnable, totalLines, sourceLines, isExpanded, estimateS, cuttingMm, rapidMm, tools, findings, findingsTotal, extentsMm } = report
  const box = extentsMm && ['X', 'Y', 'Z'].map((axis, i) => `${axis} ${extentsMm.min[i]?.toFixed(3)} to ${extentsMm.max[i]?.toFixed(3)}`).join(', ')
  const listed = findings.slice(0, LISTED)
  return [
    `${name}: ${isRunnable ? `${totalLines} lines can be sent` : 'it cannot be run'}${isExpanded ? ` (written out from ${sourceLines})` : ''}.`,
    box ? `${box} mm in machine coordinates.` : 'It does not move.',
    `About ${clock(estimateS)} of machining, ${(cuttingMm / 1000).toFixed(2)} m in feed, ${(rapidMm / 1000).toFixed(2)} m in rapid.`,
    ...tools.map(
      (use) =>
        `tool ${use.tool}: from line ${use.firstLine}, ${clock(use.seconds)}, ${(use.cuttingMm / 1000).toFixed(2)} m in feed, down to Z ${use.minZMm.toFixed(3)}`,
    ),
    ...listed.map(({ severity, line, column, text, code }) => `${severity} in line ${line}, column ${column}: ${text} (${code})`),
    ...(findingsTotal > listed.length ? [`… and ${findingsTotal - listed.length} more.`] : []),
  ].join('\n')
}
