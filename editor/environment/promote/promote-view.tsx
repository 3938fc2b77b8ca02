/** Promotions: making one, those that are here or offered, and what was taken. */
import { Alert, Button, Menu } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { Download, Ellipsis, Factory, FileUp, FlaskConical, FolderUp, Server, Trash2 } from 'lucide-react'
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import type { EnvironmentKind } from '../../../server/api/environment.ts'
import type { Me } from '../../../server/api/people.ts'
import { getPromotionFile, listPromotions, offerPromotion, type Promotion, removePromotion, uploadPromotion } from '../../../server/api/promotions.ts'
import type { ResponseOf } from '../../../server/api/route.ts'
import { useFindingText } from '../../designer/deploy/finding-words.ts'
import { call } from '../../shared/api.ts'
import { useLive } from '../../shared/live.ts'
import { may } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { errorWords, useEnvironmentText } from '../words.ts'
import { Make } from './make-form.tsx'

type Known = ResponseOf<typeof listPromotions>

/** Files come into the shared folder from outside: nobody tells of them. */
const LOOK_MS = 5000

function useKnown(): { known: Known | undefined; error: unknown; refresh: () => void } {
  const rev = useLive('flows', (_, change) => change).value?.rev
  const [known, setKnown] = useState<Known>()
  const [error, setError] = useState<unknown>()
  const [asked, ask] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `rev` and `asked` say to look again
  useEffect(() => {
    let isGone = false
    const look = () =>
      call(listPromotions).then(
        (found) => {
          if (isGone) return
          setKnown(found)
          setError(undefined)
        },
        (problem: unknown) => isGone || setError(problem),
      )
    void look()
    const timer = setInterval(() => document.visibilityState === 'visible' && void look(), LOOK_MS)
    return () => {
      isGone = true
      clearInterval(timer)
    }
  }, [rev, asked])
  return { known, error, refresh: useCallback(() => ask((count) => count + 1), []) }
}

export function PromoteView({ me, onLook }: { me: Me | undefined; onLook: (promotionId: string) => void }) {
  const text = useEnvironmentText().promote
  const language = useLanguage()
  const findings = useFindingText()
  const { known, error, refresh } = useKnown()
  const mayDeploy = may(me, 'flows.deploy')
  if (!known)
    return error === undefined ? (
      <div className="environment-skeleton" aria-hidden />
    ) : (
      <p className="environment-problem" role="alert">
        {errorWords(error, language, findings)}
      </p>
    )
  return (
    <>
      {mayDeploy && <Make hasStore={known.store.isSet} onMade={refresh} />}
      <section className="environment-card" aria-labelledby="promotions-title">
        <header className="environment-head">
          <div>
            <h2 id="promotions-title">{text.listTitle}</h2>
            <p className="environment-dim">{text.listHint}</p>
          </div>
          {mayDeploy && <Upload onTaken={onLook} />}
        </header>
        {!known.store.isSet && <p className="environment-dim">{text.noStore}</p>}
        {known.store.problem !== undefined && (
          <p className="environment-problem" role="alert">
            {text.storeProblem(known.store.problem)}
          </p>
        )}
        {known.promotions.length === 0 && <p data-testid="promotions-none">{text.none}</p>}
        <ul className="environment-list" data-testid="promotions">
          {inOne(known.promotions).map((promotion) => (
            <Row key={promotion.id} promotion={promotion} mayDeploy={mayDeploy} hasStore={known.store.isSet} onChanged={refresh} onLook={onLook} />
          ))}
        </ul>
        {known.refused.map(({ where, file, reason }) => (
          <Alert key={`${where} ${file}`} color="orange" title={text.refusedFile(file)} data-testid="refused-file">
            {reason}
          </Alert>
        ))}
      </section>
      <Taken taken={known.taken} />
    </>
  )
}

type Shown = Promotion & { places: Promotion['where'][] }

/** What lies here and in the shared folder is one thing. */
function inOne(promotions: readonly Promotion[]): Shown[] {
  const all = new Map<string, Shown>()
  for (const promotion of promotions) {
    const before = all.get(promotion.id)
    all.set(promotion.id, { ...promotion, places: [...(before?.places ?? []), promotion.where] })
  }
  return [...all.values()]
}

const KIND_ICONS: Record<EnvironmentKind, typeof Server> = { unmarked: Server, test: FlaskConical, production: Factory }

export function From({ promotion: { from, version } }: { promotion: Pick<Promotion, 'from' | 'version'> }) {
  const all = useEnvironmentText()
  const format = formats(useLanguage())
  const Icon = KIND_ICONS[from.environment]
  return (
    <span className="environment-from">
      <Icon size={16} aria-label={all.mark.kinds[from.environment]} />
      <strong>{all.promote.from(from.name, format.number(version.number))}</strong>
      {version.label !== undefined && <span>{all.promote.label(version.label)}</span>}
    </span>
  )
}

function Row({
  promotion,
  mayDeploy,
  hasStore,
  onChanged,
  onLook,
}: {
  promotion: Shown
  mayDeploy: boolean
  hasStore: boolean
  onChanged: () => void
  onLook: (promotionId: string) => void
}) {
  const text = useEnvironmentText().promote
  const language = useLanguage()
  const findings = useFindingText()
  const format = formats(language)
  const { id, isOurs, places, note, by, at, flows, nodes, tests } = promotion
  const isInStore = places.includes('store')
  const run = (work: Promise<unknown>, done: string) =>
    void work.then(
      () => {
        notifications.show({ message: done })
        onChanged()
      },
      (error: unknown) => notifications.show({ color: 'red', message: errorWords(error, language, findings) }),
    )
  return (
    <li data-testid={`promotion-${id}`}>
      <div>
        <From promotion={promotion} />
        <p className="environment-dim">
          {text.contents(format.number(flows.length), format.number(nodes), format.number(tests))} · {text.by(by, format.dateTime(at))} ·{' '}
          {[isOurs && text.ours, isInStore ? text.store : !isOurs && text.here].filter(Boolean).join(', ')}
        </p>
        {note !== undefined && <p className="environment-note">{note}</p>}
      </div>
      <div className="environment-actions">
        {mayDeploy && !isOurs && (
          <Button onClick={() => onLook(id)} data-testid="promotion-look">
            {text.look}
          </Button>
        )}
        <Button
          component="a"
          href={getPromotionFile.path.replace(':promotionId', id)}
          download
          variant="default"
          leftSection={<Download size={16} aria-hidden />}
          data-testid="promotion-download"
        >
          {text.download}
        </Button>
        {mayDeploy && (
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <Button variant="subtle" color="gray" aria-label={`${text.from(promotion.from.name, String(promotion.version.number))} …`}>
                <Ellipsis size={18} aria-hidden />
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {isOurs && <Menu.Item onClick={() => onLook(id)}>{text.look}</Menu.Item>}
              {hasStore && !isInStore && (
                <Menu.Item
                  leftSection={<FolderUp size={16} aria-hidden />}
                  onClick={() => run(call(offerPromotion, { params: { promotionId: id } }), text.offered)}
                >
                  {text.offer}
                </Menu.Item>
              )}
              {(places.includes('here') || isOurs) && (
                <Menu.Item
                  leftSection={<Trash2 size={16} aria-hidden />}
                  onClick={() => run(call(removePromotion, { params: { promotionId: id } }), text.forgotten)}
                >
                  {text.forget}
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
    </li>
  )
}

function Taken({ taken }: { taken: Known['taken'] }) {
  const text = useEnvironmentText().promote
  const format = formats(useLanguage())
  return (
    <section className="environment-card" aria-labelledby="taken-title">
      <h2 id="taken-title">{text.takenTitle}</h2>
      {taken.length === 0 && <p className="environment-dim">{text.takenNone}</p>}
      <ul className="environment-list" data-testid="taken">
        {taken.map((one) => (
          <li key={one.id}>
            <div>
              <From promotion={one} />
              <p className="environment-dim">
                {text.by(one.by, format.dateTime(one.at))}
                {one.reason !== undefined && ` · ${one.reason}`}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Upload({ onTaken }: { onTaken: (promotionId: string) => void }) {
  const text = useEnvironmentText().promote
  const language = useLanguage()
  const findings = useFindingText()
  const input = useRef<HTMLInputElement>(null)
  const [state, setState] = useState<ReactNode>()
  const take = (file: File | undefined) => {
    if (!file) return
    setState(<p role="status">{text.uploading(file.name)}</p>)
    call(uploadPromotion, { body: file }).then(
      ({ id }) => {
        setState(undefined)
        onTaken(id)
      },
      (error: unknown) =>
        setState(
          <Alert color="red" title={text.uploadRefused(file.name)} role="alert" data-testid="promotion-refused">
            {errorWords(error, language, findings)}
          </Alert>,
        ),
    )
  }
  return (
    <div className="environment-upload">
      <Button variant="default" leftSection={<FileUp size={16} aria-hidden />} onClick={() => input.current?.click()} data-testid="promotion-upload">
        {text.upload}
      </Button>
      <input
        ref={input}
        type="file"
        accept=".cwp"
        hidden
        onChange={(event) => {
          take(event.currentTarget.files?.[0])
          // the same file may be chosen again
          event.currentTarget.value = ''
        }}
        data-testid="promotion-file"
      />
      {state}
    </div>
  )
}
