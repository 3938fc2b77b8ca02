/** What is about to be added, in words, before it is. */
import type { Survey } from '../../../server/api/motion.ts'
import { useUnits } from '../../shared/use-units.tsx'
import type { Draft } from '../forms/draft.ts'
import { boxOf } from '../forms/limits-form.tsx'
import { useMachinesText } from '../use-machines-text.ts'

export function Briefing({ draft, survey }: { draft: Draft; survey: Survey | undefined }) {
  const text = useMachinesText()
  const units = useUnits()
  const box = boxOf(draft.envelope)
  const { link } = draft
  const where = {
    serial: `${link.serial.path}, ${link.serial.baudRate} baud`,
    tcp: `${link.tcp.host}:${link.tcp.port}`,
    websocket: link.websocket.url,
    virtual: text.link.kinds.virtual,
  }[link.kind]
  const axis = (index: 0 | 1 | 2) => (box ? `${units.length(box.min[index], 1)} … ${units.lengthText(box.max[index], 1)}` : '')
  return (
    <section className="m-briefing">
      <h3>{text.briefing.title}</h3>
      <ul>
        <li>{text.briefing.link(where)}</li>
        {survey && <li>{text.briefing.controller(survey.firmware)}</li>}
        {box && <li>{text.briefing.travel(axis(0), axis(1), axis(2))}</li>}
        <li>{draft.keepOut.length ? text.briefing.keepOut(draft.keepOut.map((one) => one.name).join(', ')) : text.briefing.noKeepOut}</li>
        <li>{text.rules.toolChangeMeanings[draft.toolChange.kind]}</li>
        <li>{text.rules.lineErrors[draft.onLineError]}</li>
        {draft.interlocks.length > 0 && <li>{text.briefing.interlocks(draft.interlocks.map((one) => one.name).join(', '))}</li>}
      </ul>
      <p>{link.kind === 'serial' && link.serial.resetsOnOpen ? text.briefing.opensAndResets : text.briefing.opens}</p>
    </section>
  )
}
