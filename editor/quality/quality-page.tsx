/** Quality: a list of sections, and one of them beside it. A section is a line in `sections.ts`. */
import './quality.css'
import { Suspense } from 'react'
import { Frame } from '../shared/frame.tsx'
import { may, useMe } from '../shared/me.ts'
import { useHash } from '../shared/use-hash.ts'
import { hashOf } from './section.ts'
import { placeOf, SECTIONS } from './sections.ts'
import { useQualityText } from './use-quality-text.ts'

export function QualityPage() {
  const text = useQualityText()
  const { me } = useMe()
  const [hash, go] = useHash()
  const { section, place } = placeOf(
    hash,
    SECTIONS.filter(({ needs }) => may(me, needs)),
  )
  return (
    <Frame page="quality">
      <div className="quality">
        <nav className="quality-sections" aria-label={text.sections.label} data-testid="quality-sections">
          {SECTIONS.filter(({ needs }) => may(me, needs)).map(({ id, icon: Icon }) => (
            <a key={id} href={`#${hashOf(id)}`} aria-current={id === section?.id ? 'page' : undefined} data-testid={`section-${id}`}>
              <Icon size={16} aria-hidden />
              <span>{text.sections[id]}</span>
            </a>
          ))}
        </nav>
        <div className="quality-section">
          {section && (
            <Suspense fallback={<p className="quality-note">{text.loading}</p>}>
              <section.Page key={section.id} place={place} go={(to) => go(hashOf(section.id, to))} />
            </Suspense>
          )}
          {me && !section && <p className="quality-note">{text.notAllowed}</p>}
        </div>
      </div>
    </Frame>
  )
}
