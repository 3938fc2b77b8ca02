/** Flows of a user directory: which come along, what becomes of taken ids, and what goes with them. */
import { Button, Checkbox, Select } from '@mantine/core'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { type Collision, importMoveIn, type MoveIn, type MoveInItem } from '../../../server/api/move-in.ts'
import { ApiError, call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import type { Imported } from './imported.ts'
import { LineCount, Lines } from './lines.tsx'
import { useMoveInText } from './words.ts'

const CHOICES: readonly Collision[] = ['new-ids', 'replace', 'skip']

export function FlowsStep({ report, onDone }: { report: MoveIn; onDone: (done: Imported) => void }) {
  const text = useMoveInText()
  const format = formats(useLanguage())
  const pickable = report.items.filter(({ kind }) => kind === 'flow' || kind === 'environment' || kind === 'subflow')
  const byId = new Map(report.items.map((item) => [item.id, item]))
  const flows = pickable.filter(({ kind }) => kind !== 'subflow')
  // what is dangerous is picked by a person, not by itself
  const [picked, setPicked] = useState<ReadonlySet<string>>(
    () => new Set(flows.filter(({ here, lines }) => here !== 'same' && !lines.some(({ level }) => level === 'danger')).map(({ id }) => id)),
  )
  const [collisions, setCollisions] = useState<Readonly<Record<string, Collision>>>({})
  const [withCredentials, setWithCredentials] = useState(true)
  const [withContext, setWithContext] = useState(true)
  const [withGlobalContext, setWithGlobalContext] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  if (!report.items.length)
    return (
      <div className="settings-empty">
        <p>{text.noFlows}</p>
      </div>
    )
  const chosen = usedBy(byId, picked)
  const shared = chosen.filter(({ id, kind, here }) => kind === 'config' && here === 'collides' && !picked.has(id))
  const contextKeys = chosen.reduce((sum, item) => sum + item.contextKeys, 0)
  const pick = (ids: readonly string[], isPicked: boolean) =>
    setPicked((before) => {
      const next = new Set(before)
      for (const id of ids)
        if (isPicked) next.add(id)
        else next.delete(id)
      return next
    })
  const decide = (id: string, choice: Collision) => setCollisions((before) => ({ ...before, [id]: choice }))
  const bring = async () => {
    setBusy(true)
    setProblem(undefined)
    try {
      onDone(
        await call(importMoveIn, {
          params: { moveInId: report.id },
          body: { items: [...picked], collisions, withCredentials, withContext, withGlobalContext, macros: [] },
        }),
      )
    } catch (error) {
      setProblem(error instanceof ApiError ? error.message : String(error))
      setBusy(false)
    }
  }
  return (
    <>
      <section className="settings-card">
        <h3>{text.flows}</h3>
        <p className="settings-dim">{text.flowsHint}</p>
        <Checkbox
          label={text.pickAll}
          checked={flows.every(({ id }) => picked.has(id))}
          indeterminate={flows.some(({ id }) => picked.has(id)) && !flows.every(({ id }) => picked.has(id))}
          onChange={(event) =>
            pick(
              flows.map(({ id }) => id),
              event.currentTarget.checked,
            )
          }
        />
        <ul className="move-in-items">
          {pickable.map((item) => (
            <ItemRow
              key={item.id}
              item={item}
              isPicked={picked.has(item.id)}
              comesAlong={!picked.has(item.id) && chosen.includes(item)}
              choice={collisions[item.id]}
              onPick={(isPicked) => pick([item.id], isPicked)}
              onDecide={(choice) => decide(item.id, choice)}
            />
          ))}
        </ul>
        {shared.length > 0 && (
          <>
            <h4>{text.sharedTitle}</h4>
            <ul className="move-in-items">
              {shared.map((item) => (
                <li key={item.id}>
                  <div className="move-in-item">
                    <div>
                      <strong>{item.label}</strong> <span className="settings-dim">{item.types[0]?.type}</span>
                    </div>
                    <CollisionChoice item={item} choice={collisions[item.id]} onDecide={(choice) => decide(item.id, choice)} />
                  </div>
                </li>
              ))}
            </ul>
          </>
        )}
      </section>
      <section className="settings-card">
        <h3>{text.comesToo}</h3>
        <div className="move-in-options">
          <Checkbox
            label={text.credentials}
            description={report.credentials === 'locked' ? text.credentialsLocked : report.credentials === 'none' ? text.credentialsNone : undefined}
            checked={withCredentials && report.credentials === 'open'}
            disabled={report.credentials !== 'open'}
            onChange={(event) => setWithCredentials(event.currentTarget.checked)}
          />
          <Checkbox
            label={text.context}
            description={contextKeys ? text.contextKeys(format.number(contextKeys)) : text.contextNone}
            checked={withContext && contextKeys > 0}
            disabled={contextKeys === 0}
            onChange={(event) => setWithContext(event.currentTarget.checked)}
          />
          {report.globalContext.length > 0 && (
            <Checkbox
              label={text.globalContext}
              description={text.globalKeys(report.globalContext.slice(0, 12).join(', '))}
              checked={withGlobalContext}
              onChange={(event) => setWithGlobalContext(event.currentTarget.checked)}
              data-testid="move-in-global"
            />
          )}
        </div>
        {problem !== undefined && (
          <p className="settings-problem" role="alert" data-testid="move-in-problem">
            {problem}
          </p>
        )}
        <div className="settings-actions move-in-go">
          <Button onClick={() => void bring()} loading={isBusy} disabled={picked.size === 0} data-testid="move-in-import">
            {picked.size === 0 ? text.importNothing : text.import(format.number(picked.size))}
          </Button>
        </div>
      </section>
    </>
  )
}

/** What was picked and what it uses. */
function usedBy(byId: ReadonlyMap<string, MoveInItem>, picked: ReadonlySet<string>): MoveInItem[] {
  const found = new Set<MoveInItem>()
  const left = [...picked]
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    const item = byId.get(id)
    if (!item || found.has(item)) continue
    found.add(item)
    left.push(...item.uses)
  }
  return [...found]
}

interface ItemRowProps {
  item: MoveInItem
  isPicked: boolean
  comesAlong: boolean
  choice: Collision | undefined
  onPick: (isPicked: boolean) => void
  onDecide: (choice: Collision) => void
}

function ItemRow({ item, isPicked, comesAlong, choice, onPick, onDecide }: ItemRowProps) {
  const text = useMoveInText()
  const format = formats(useLanguage())
  const hasDanger = item.lines.some(({ level }) => level === 'danger')
  const [isOpen, setOpen] = useState(hasDanger)
  const Chevron = isOpen ? ChevronDown : ChevronRight
  return (
    <li data-testid={`move-in-item-${item.id}`}>
      <div className="move-in-item">
        <Checkbox
          label={
            <>
              <strong>{item.label}</strong>{' '}
              <span className="settings-dim">
                {text.itemKinds[item.kind]} · {text.nodes(format.number(item.nodes))}
                {item.isOff ? ` · ${text.isOff}` : ''}
                {comesAlong ? ` · ${text.levels.good}` : ''}
              </span>
            </>
          }
          checked={isPicked}
          onChange={(event) => onPick(event.currentTarget.checked)}
        />
        <LineCount lines={item.lines} />
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={<Chevron size={14} aria-hidden />}
          aria-expanded={isOpen}
          aria-label={text.details(item.label)}
          onClick={() => setOpen(!isOpen)}
        >
          {text.more}
        </Button>
      </div>
      {item.here === 'collides' && (isPicked || comesAlong) && <CollisionChoice item={item} choice={choice} onDecide={onDecide} />}
      {isOpen && (
        <div className="move-in-details">
          {item.types.length > 0 && (
            <ul className="move-in-types">
              {item.types.map(({ type, count, isHere }) => (
                <li key={type} data-missing={isHere ? undefined : ''}>
                  {text.types(format.number(count), type)}
                  {isHere ? '' : ` (${text.notHere})`}
                </li>
              ))}
            </ul>
          )}
          <Lines lines={item.lines} />
        </div>
      )}
    </li>
  )
}

function CollisionChoice({ item, choice, onDecide }: { item: MoveInItem; choice: Collision | undefined; onDecide: (choice: Collision) => void }) {
  const text = useMoveInText()
  const words = item.kind === 'config' ? text.collisionsConfig : text.collisions
  return (
    <Select
      className="move-in-collision"
      aria-label={text.collision(item.label)}
      data={CHOICES.map((each) => ({ value: each, label: words[each] }))}
      value={choice ?? 'new-ids'}
      allowDeselect={false}
      onChange={(value) => value && onDecide(value as Collision)}
      data-testid={`collision-${item.id}`}
    />
  )
}
