/** The installed modules: what somebody brought in full, what comes with the product in one line each. */
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { ArrowUpCircle, Trash2, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { installModule, newestModules, type PaletteModule, type PaletteView, removeModule } from '../../../server/api/palette.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { usePaletteText } from './words.ts'

interface ListProps {
  modules: readonly PaletteModule[]
  mayChange: boolean
  onChange: (view: PaletteView) => void
}

type Newest = Readonly<Record<string, string | null>>

const typesOf = ({ sets }: PaletteModule) => sets.flatMap(({ types }) => types)

export function ModuleList({ modules, mayChange, onChange }: ListProps) {
  const text = usePaletteText()
  const format = formats(useLanguage())
  const [newest, setNewest] = useState<Newest>()
  const [isLooking, setLooking] = useState(false)
  const installed = modules.filter(({ origin }) => origin === 'installed')
  const others = modules.filter(({ origin }) => origin !== 'installed')
  const look = async () => {
    setLooking(true)
    try {
      setNewest(await call(newestModules))
    } catch (error) {
      notifications.show({ color: 'red', title: text.failed, message: (error as Error).message })
    } finally {
      setLooking(false)
    }
  }
  const silent = installed.filter(({ name }) => newest?.[name] === null).map(({ name }) => name)
  const hasNewer = installed.some((module) => isNewer(module, newest))
  return (
    <>
      <section className="settings-card" aria-labelledby="palette-installed">
        <div className="settings-head">
          <h3 id="palette-installed">{text.installed}</h3>
          {mayChange && installed.length > 0 && (
            <Button variant="default" size="compact-md" loading={isLooking} onClick={() => void look()} aria-label={isLooking ? text.looking : undefined}>
              {text.newest}
            </Button>
          )}
        </div>
        <p className="settings-dim" role="status">
          {newest && silent.length > 0 && text.unreachable(silent.join(', '))}
          {newest && silent.length === 0 && !hasNewer && text.noneNewer}
        </p>
        {installed.length === 0 && (
          <div className="settings-empty">
            <h4>{text.noneTitle}</h4>
            <p className="settings-dim">{text.none}</p>
          </div>
        )}
        <ul className="settings-list">
          {installed.map((module) => (
            <InstalledModule
              key={module.name}
              module={module}
              newer={isNewer(module, newest) ? (newest?.[module.name] ?? undefined) : undefined}
              mayChange={mayChange}
              onChange={onChange}
            />
          ))}
        </ul>
      </section>
      <details className="settings-card">
        <summary>
          <strong>{text.withProduct}</strong>{' '}
          <span className="settings-dim">{text.count(format.number(others.length), format.number(others.flatMap(typesOf).length))}</span>
        </summary>
        <ul className="settings-list">
          {others.map((module) => (
            <li key={module.name}>
              <div>
                <strong>{module.name}</strong> <span className="settings-dim">{text.version(module.version)}</span>
                <Problems module={module} />
              </div>
              <span className="settings-dim">{text.types(format.number(typesOf(module).length))}</span>
            </li>
          ))}
        </ul>
      </details>
    </>
  )
}

const isNewer = ({ name, version, pending }: PaletteModule, newest: Newest | undefined) => {
  const there = newest?.[name]
  return there !== undefined && there !== null && there !== version && there !== pending
}

function InstalledModule({ module, newer, mayChange, onChange }: { module: PaletteModule; newer: string | undefined } & Omit<ListProps, 'modules'>) {
  const text = usePaletteText()
  const format = formats(useLanguage())
  const { busy: doing, problem, run } = useDoing<'update' | 'remove'>()
  const { name, version, pending, about, needs, uses } = module
  const used = uses.reduce((sum, { count }) => sum + count, 0)
  const act = (what: 'update' | 'remove', ask: () => Promise<PaletteView>) =>
    run(async () => {
      const view = await ask()
      notifications.show({ message: what === 'remove' ? text.removed(name) : text.install.done(name) })
      onChange(view)
    }, what)
  return (
    <li data-testid={`module-${name}`}>
      <div>
        <strong>{name}</strong> <span className="settings-dim">{text.version(version)}</span>
        {about.license && <span className="settings-dim"> · {about.license}</span>}
        {about.description && (
          <p lang="en" className="palette-about">
            {about.description}
          </p>
        )}
        {pending && <p className="settings-warn">{text.pending(pending)}</p>}
        <p className="settings-dim palette-about">
          {typesOf(module).join(', ')} · {used > 0 ? text.uses(format.number(used)) : text.unused}. {text.needs[needs]}
        </p>
        {about.hasInstallScripts && <p className="settings-warn">{text.scripts}</p>}
        <Problems module={module} />
        {about.homepage?.startsWith('https://') && (
          <a href={about.homepage} target="_blank" rel="noreferrer noopener">
            {text.homepage}
          </a>
        )}
        <div role="alert">{problem && <p className="settings-problem">{problem}</p>}</div>
        <div role="status" className="settings-dim">
          {doing === 'update' && text.install.working(name)}
          {doing === 'remove' && text.removing(name)}
        </div>
      </div>
      {mayChange && (
        <div className="settings-actions">
          {newer && (
            <Button
              variant="default"
              leftSection={<ArrowUpCircle size={16} aria-hidden />}
              disabled={doing !== undefined}
              loading={doing === 'update'}
              onClick={() => void act('update', () => call(installModule, { body: { module: name, version: newer } }))}
              data-testid={`update-${name}`}
            >
              {text.update(newer)}
            </Button>
          )}
          <Button
            variant="default"
            leftSection={<Trash2 size={16} aria-hidden />}
            disabled={doing !== undefined}
            loading={doing === 'remove'}
            onClick={() => void act('remove', () => call(removeModule, { params: { module: name } }))}
            data-testid={`remove-${name}`}
          >
            {text.remove}
          </Button>
        </div>
      )}
    </li>
  )
}

function Problems({ module }: { module: PaletteModule }) {
  const text = usePaletteText()
  return (
    <>
      {module.sets.map(({ name, problem, isEnabled }) =>
        problem ? (
          <p key={name} className="settings-warn">
            <TriangleAlert size={16} aria-hidden /> {text.problem(name, problem)}
          </p>
        ) : (
          !isEnabled && (
            <p key={name} className="settings-dim">
              {name}: {text.off}
            </p>
          )
        ),
      )}
    </>
  )
}
