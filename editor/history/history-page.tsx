/** What was: versions of everything, changes that wait for a second person, and who did what. */
import './history.css'
import { Frame } from '../shared/frame.tsx'
import { may, useMe } from '../shared/me.ts'
import { useHash } from '../shared/use-hash.ts'
import { hashOf, placeOf, type Tab } from './address.ts'
import { AuditTab } from './audit/audit-tab.tsx'
import { RequestsTab } from './requests/requests-tab.tsx'
import { useHistoryText } from './use-history-text.ts'
import { VersionsTab } from './versions/versions-tab.tsx'

export function HistoryPage() {
  const text = useHistoryText()
  const { me } = useMe()
  const [hash, go] = useHash()
  const { tab, id } = placeOf(hash)
  const tabs: Tab[] = ['versions', ...(may(me, 'flows.view') ? (['requests'] as const) : []), ...(may(me, 'audit.view') ? (['audit'] as const) : [])]
  const choose = (one: string | undefined) => go(hashOf(tab, one))
  return (
    <Frame page="history">
      <div className="history">
        <nav className="history-tabs" aria-label={text.tabs.label} data-testid="history-tabs">
          {tabs.map((one) => (
            <a key={one} href={`#${hashOf(one)}`} aria-current={one === tab ? 'page' : undefined} data-testid={`history-${one}`}>
              {text.tabs[one]}
            </a>
          ))}
        </nav>
        {tab === 'versions' && <VersionsTab chosen={id} onChoose={choose} />}
        {tab === 'requests' && <RequestsTab chosen={id} onChoose={choose} />}
        {tab === 'audit' && <AuditTab />}
      </div>
    </Frame>
  )
}
