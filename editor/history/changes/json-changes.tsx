/** What differs between two contents that are not flows, place by place. */
import '../../designer/deploy/deploy.css'
import '../../designer/panels/panels.css'
import { PropertyDiff } from '../../designer/deploy/property-diff.tsx'
import { settingPlaces as de } from '../../shared/text/de/setting-places.ts'
import { settingPlaces as en } from '../../shared/text/en/setting-places.ts'
import { catalogue } from '../../shared/text/index.ts'
import { useHistoryText } from '../use-history-text.ts'
import { jsonDiff } from './json-diff.ts'
import { placeInWords } from './place-words.ts'

const usePlaces = catalogue(en, de)

const MOST = 200

export function JsonChanges({ before, after }: { before: unknown; after: unknown }) {
  const text = useHistoryText().versions
  const places = usePlaces()
  const changes = jsonDiff(before, after)
  if (!changes.length) return <p className="history-note">{text.same}</p>
  return (
    <dl className="diff-properties history-json" data-testid="json-changes">
      {changes.slice(0, MOST).map(({ path, before: was, after: is }) => (
        <PropertyDiff key={path} name={placeInWords(path, places) || '.'} before={was} after={is} />
      ))}
    </dl>
  )
}
