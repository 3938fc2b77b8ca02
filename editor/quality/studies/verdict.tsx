/** What the limits of a study say of its result: in whole sentences, with where the limits come from. */
import type { Study, StudyResult } from '../../../server/api/quality/studies.ts'
import { useFormats } from '../use-quality-text.ts'
import { VERDICTS } from './state-pill.tsx'
import { useStudyText } from './words.ts'

export function Proposal({ study, result }: { study: Study; result: StudyResult }) {
  const text = useStudyText()
  const format = useFormats()
  const { verdict } = text
  const { limits } = study.definition
  const { icon: Icon, look } = VERDICTS[result.proposal]
  const percent = (value: number) => format.number(value, Number.isInteger(value) ? 0 : 1)
  const lines: string[] = []
  if (result.kind === 'crossed') {
    const { grrPercent, ndc } = result
    lines.push(verdict.grr(`${percent(grrPercent)} %`, verdict.of[limits.of]))
    lines.push(
      grrPercent > limits.unacceptablePercent
        ? verdict.bad(percent(limits.unacceptablePercent))
        : grrPercent < limits.acceptablePercent
          ? verdict.good(percent(limits.acceptablePercent))
          : verdict.middle(percent(limits.acceptablePercent), percent(limits.unacceptablePercent)),
    )
    lines.push(
      ndc === null
        ? verdict.noVariation
        : ndc >= limits.ndc
          ? verdict.ndcGood(String(ndc), String(limits.ndc))
          : verdict.ndcBad(String(ndc), String(limits.ndc)),
    )
    lines.push(verdict.source(limits.source))
  } else {
    const confidence = percent(100 * result.confidence)
    const biased = result.lines.filter(({ isAcceptable }) => !isAcceptable)
    if (result.linearity) lines.push(result.linearity.isAcceptable ? verdict.linearGood : verdict.linearBad)
    lines.push(biased.length === 0 ? verdict.biasGood(confidence) : verdict.biasBad(biased.map(({ part }) => part).join(', '), confidence))
    lines.push(verdict.source('AIAG MSA, 4th edition'))
  }
  return (
    <div className="studies-verdict" data-state={look} data-testid={`proposal-${result.proposal}`}>
      <Icon size={28} aria-hidden />
      <div>
        <p className="quality-dim">{verdict.proposal}</p>
        <strong>{text.verdicts[result.proposal]}</strong>
        {lines.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
    </div>
  )
}

export function Closing({ closing }: { closing: NonNullable<Study['closing']> }) {
  const text = useStudyText()
  const format = useFormats()
  const { icon: Icon, look } = VERDICTS[closing.verdict]
  return (
    <div className="studies-verdict" data-state={look} data-testid={`closed-${closing.verdict}`}>
      <Icon size={28} aria-hidden />
      <div>
        <p className="quality-dim">{text.states.closed}</p>
        <strong>{text.verdicts[closing.verdict]}</strong>
        <p>{closing.text}</p>
        <p className="quality-dim">{text.verdict.by(closing.by, format.dateTime(closing.at))}</p>
      </div>
    </div>
  )
}
