/** Database, queues, links, clock, certificate and versions. */
import type { ReactNode } from 'react'
import type { SystemReport } from '../../../server/api/system-report.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { spanOf, useHealthText } from './words.ts'

export function FactsView({ report }: { report: SystemReport }) {
  const text = useHealthText().facts
  const format = formats(useLanguage())
  const { database, redis, queues, machines, clock, certificate, backup, versions, startedAt } = report
  const jump = clock.jumps.at(-1)
  const signed = (ms: number) => `${ms < 0 ? '−' : '+'}${format.number(Math.abs(ms))}`
  return (
    <>
      <section className="settings-card" aria-label={text.database}>
        <h3>{text.database}</h3>
        <dl className="settings-facts">
          <Fact name="PostgreSQL">
            {database.state === 'away' ? (
              <span className="settings-problem">{text.databaseAway}</span>
            ) : (
              <>
                {text.databaseSays(versions.postgres ?? '?', text.databaseKinds[database.isEmbedded ? 'embedded' : 'own'])} ·{' '}
                {database.connections !== undefined &&
                  database.mostConnections !== undefined &&
                  text.connections(format.number(database.connections), format.number(database.mostConnections))}
                {database.answerMs !== undefined && text.answers(format.number(database.answerMs, 1))}
              </>
            )}
          </Fact>
          <Fact name={text.redis}>
            <span className={redis === 'away' ? 'settings-problem' : undefined}>{text.redisStates[redis]}</span>
          </Fact>
        </dl>
        <h4>{text.queues}</h4>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys */}
        <section className="health-scroll" tabIndex={0} aria-label={text.queues}>
          <table className="health-table">
            <thead>
              <tr>
                <th scope="col">{text.queue}</th>
                {[text.waiting, text.active, text.dead].map((name) => (
                  <th key={name} scope="col" className="health-number">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {queues.map(({ queue, name, waiting, active, dead, mode, why }) => (
                <tr key={queue}>
                  <th scope="row">
                    {text.queueNames[name as keyof typeof text.queueNames] ?? name}
                    {mode !== 'open' && <small>{`${text.held}${why === undefined ? '' : `: ${why}`}`}</small>}
                  </th>
                  {[waiting, active, dead].map((count, index) => (
                    <td key={[text.waiting, text.active, text.dead][index]} className="health-number">
                      {format.number(count)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </section>
      <section className="settings-card" aria-label={text.machines}>
        <h3>{text.machines}</h3>
        {machines.length === 0 && <p className="settings-empty">{text.noMachines}</p>}
        <dl className="settings-facts">
          {machines.map(({ id, name, isVirtual, guard, link, silentMs }) => (
            <Fact key={id} name={isVirtual ? `${name} (${text.virtual})` : name}>
              <span className={guard === 'gone' || link === 'lost' ? 'settings-problem' : undefined}>
                {text.guards[guard]}
                {link !== undefined && `, ${text.links[link]}`}
              </span>
              {silentMs !== undefined && <span className="settings-dim">{` · ${text.reported(spanOf(silentMs, format))}`}</span>}
            </Fact>
          ))}
        </dl>
      </section>
      <section className="settings-card" aria-label={text.rest}>
        <h3>{text.rest}</h3>
        <dl className="settings-facts">
          <Fact name={text.clock}>
            {clock.offMs === undefined ? text.clockUnknown : text.clockOff(signed(clock.offMs))}
            {jump && (
              <span className="settings-dim">{` · ${text.jumped(`${jump.ms < 0 ? '−' : '+'}${spanOf(Math.abs(jump.ms), format)}`, format.dateTime(jump.at))}`}</span>
            )}
          </Fact>
          <Fact name={text.certificate}>
            {certificate ? text.certificateEnds(format.dateTime(certificate.endsAt), certificate.names.join(', ')) : text.noCertificate}
            {certificate?.trouble !== undefined && <p className="settings-problem">{certificate.trouble}</p>}
          </Fact>
          {backup && <Fact name={text.backup}>{backup.at === undefined ? text.noBackup : format.dateTime(backup.at)}</Fact>}
          <Fact name={text.version}>{text.versionSince(versions.program, format.dateTime(startedAt))}</Fact>
          {versions.schema !== undefined && <Fact name={text.schema}>{versions.schema}</Fact>}
          <Fact name={text.node}>{versions.node}</Fact>
          <Fact name={text.system}>{versions.system}</Fact>
        </dl>
      </section>
    </>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
