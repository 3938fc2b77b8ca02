/** Which program this is. */
import { getSystem } from '../../../server/api/people.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { NotRead } from '../not-read.tsx'
import { useSettingsText } from '../words.ts'

export function AboutSection() {
  const text = useSettingsText().about
  const format = formats(useLanguage())
  const { value, error, refresh } = useLoad('system', () => call(getSystem))
  if (!value) return <NotRead error={error} onAgain={refresh} words={text} />
  return (
    <section className="settings-card" aria-label={text.version}>
      <dl className="settings-facts">
        <div>
          <dt>{text.version}</dt>
          <dd data-testid="about-version">
            {value.version} <span className="settings-dim">· {text.running(format.dateTime(value.startedAt))}</span>
          </dd>
        </div>
        <div>
          <dt>{text.schema}</dt>
          <dd data-testid="about-schema">
            {value.schema.newest} <span className="settings-dim">· {text.schemaOf(format.dateTime(value.schema.at))}</span>
          </dd>
        </div>
        <div>
          <dt>{text.license}</dt>
          <dd>Apache-2.0</dd>
        </div>
      </dl>
      <p className="settings-dim">{text.more}</p>
    </section>
  )
}
