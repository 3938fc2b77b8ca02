/** How the server is on the network, and what decides it. Nothing is changed here. */
import '../people/people.css'
import './shop.css'
import { Button } from '@mantine/core'
import { TriangleAlert } from 'lucide-react'
import { getNetwork } from '../../../server/api/settings.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { NotRead } from '../not-read.tsx'
import { useShopText } from './words.ts'

const DAY_MS = 86_400_000
/** A certificate of our own is made anew long before. */
const SOON_DAYS = 14

export function NetworkSection() {
  const all = useShopText()
  const text = all.network
  const format = formats(useLanguage())
  const { value: facts, error, refresh } = useLoad('network', () => call(getNetwork))
  if (!facts) return <NotRead error={error} onAgain={refresh} words={all} />
  const days = facts.endsAt === undefined ? undefined : Math.floor((Date.parse(facts.endsAt) - Date.now()) / DAY_MS)
  const lines: [string, string][] = [
    [text.url, facts.url],
    [text.open, facts.isOpen ? text.isOpen : text.isClosed],
    [text.addresses, facts.addresses.join(', ')],
    [text.hosts, facts.allowedHosts.join(', ')],
    [text.proxies, facts.trustedProxies.join(', ') || text.noProxies],
    [text.certificate, text.kinds[facts.certificate]],
    ...(facts.names.length ? [[text.names, facts.names.join(', ')] as [string, string]] : []),
    ...(facts.endsAt === undefined || days === undefined
      ? []
      : [[text.ends, `${format.dateTime(facts.endsAt)} (${text.endsSoon(format.number(days))})`] as [string, string]]),
  ]
  return (
    <>
      <p className="settings-dim">{text.intro}</p>
      {facts.trouble !== undefined && (
        <div className="settings-card" role="alert" data-testid="tls-trouble">
          <p className="settings-warn">
            <TriangleAlert size={16} aria-hidden /> {text.trouble}
          </p>
          <p>{facts.trouble}</p>
        </div>
      )}
      {days !== undefined && days < SOON_DAYS && (
        <p className={days < 0 ? 'settings-problem' : 'settings-warn'} role="alert">
          <TriangleAlert size={16} aria-hidden /> {days < 0 ? text.ended : `${text.ends} ${text.endsSoon(format.number(days))}.`}
        </p>
      )}
      <section className="settings-card" aria-label={text.url}>
        <dl className="settings-facts" data-testid="network-facts">
          {lines.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {facts.certificate === 'own' && (
          <Button component="a" href="/trust" variant="default">
            {text.toTrust}
          </Button>
        )}
      </section>
      <section className="settings-card" aria-labelledby="variables-title">
        <h3 id="variables-title">{text.variables}</h3>
        <table className="people-table shop-variables">
          <thead>
            <tr>
              <th scope="col">{text.variable}</th>
              <th scope="col">{text.value}</th>
              <th scope="col">{text.meaning}</th>
            </tr>
          </thead>
          <tbody>
            {facts.variables.map(({ name, value, usual, meaning }) => (
              <tr key={name}>
                <th scope="row">
                  <code>{name}</code>
                </th>
                <td data-label={text.value}>
                  {value === undefined ? (
                    <span className="settings-dim">{usual === undefined ? text.isNotSet : text.notSet(usual)}</span>
                  ) : (
                    <code>{value}</code>
                  )}
                </td>
                <td data-label={text.meaning} lang={text.meanings[name] === undefined ? 'en' : undefined}>
                  {text.meanings[name] ?? meaning}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  )
}
