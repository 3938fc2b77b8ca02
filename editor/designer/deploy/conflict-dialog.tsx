/** Somebody else deployed under our changes: the flow before, ours and theirs as pictures, and what both changed, to be decided. */
import { Button, Modal, Tabs } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { type Clash, decisionKey, type Side, undecided } from '../../../server/api/flow-merge.ts'
import { useCommonText } from '../../shared/theme.tsx'
import { type FlowNode, kindOf, textOf } from '../model/raw.ts'
import { useDesignerText } from '../text.ts'
import { useSession } from '../use-session.ts'
import { useWorkspace } from '../use-workspace.ts'
import type { Conflict } from './deploy-state.ts'
import { DiffList } from './diff-list.tsx'
import { commonFrame, FlowPicture } from './flow-picture.tsx'
import { shown } from './property-diff.tsx'
import { useDeployText } from './text.ts'
import { titleOf } from './title-of.ts'

export function ConflictDialog() {
  const session = useSession()
  if (session.deploy.is !== 'conflict') return null
  return <ConflictBody key={session.deploy.conflict.base.rev} conflict={session.deploy.conflict} />
}

function ConflictBody({ conflict }: { conflict: Conflict }) {
  const text = useDesignerText().conflict
  const words = useDeployText().merge
  const common = useCommonText()
  const session = useSession()
  const [decisions, setDecisions] = useState<ReadonlyMap<string, Side>>(new Map())
  const { plan } = conflict
  const open = undecided(plan, decisions)
  const both = new Set(plan.clashes.map(({ id }) => id))
  const decide = (keys: readonly string[], side: Side) => setDecisions(new Map([...decisions, ...keys.map((key) => [key, side] as const)]))
  const all = (side: Side) => decide(plan.clashes.flatMap(keysOf), side)
  const apply = () => {
    if (open.length > 0) return
    const lost = session.mergeTheirs(conflict, decisions)
    notifications.show({ message: lost > 0 ? `${words.done} ${words.lost(lost)}` : words.done })
  }
  return (
    <Modal
      opened
      onClose={() => session.dismiss()}
      title={plan.clashes.length > 0 ? words.title : text.title}
      size={1080}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      <div className="merge" data-testid="conflict">
        <p>{words.text(conflict.by ?? text.someone)}</p>
        <Pictures conflict={conflict} both={both} />
        <Tabs defaultValue={plan.clashes.length > 0 ? 'both' : 'theirs'} keepMounted={false}>
          <Tabs.List>
            {plan.clashes.length > 0 && (
              <Tabs.Tab value="both">
                {words.decide} ({plan.clashes.length})
              </Tabs.Tab>
            )}
            <Tabs.Tab value="theirs">
              {text.theirs} ({conflict.their.length})
            </Tabs.Tab>
            <Tabs.Tab value="ours">
              {text.yours} ({conflict.our.length})
            </Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="both">
            <div className="merge-all">
              <Button variant="default" size="compact-sm" onClick={() => all('ours')} data-testid="merge-all-ours">
                {words.allOurs}
              </Button>
              <Button variant="default" size="compact-sm" onClick={() => all('theirs')} data-testid="merge-all-theirs">
                {words.allTheirs}
              </Button>
            </div>
            <ul className="merge-list">
              {plan.clashes.map((clash) => (
                <ClashRow key={clash.id} clash={clash} conflict={conflict} decisions={decisions} onDecide={decide} />
              ))}
            </ul>
          </Tabs.Panel>
          <Tabs.Panel value="theirs">
            <DiffList diff={conflict.their} before={plan.base} both={both} />
          </Tabs.Panel>
          <Tabs.Panel value="ours">
            <DiffList diff={conflict.our} before={plan.base} both={both} />
          </Tabs.Panel>
        </Tabs>
        <div className="merge-foot">
          <span role="status" data-testid="merge-left">
            {plan.clashes.length === 0 ? words.free : words.left(open.length)}
          </span>
          <Button variant="subtle" color="gray" onClick={() => session.dismiss()} data-testid="conflict-later">
            {text.later}
          </Button>
          <Button variant="default" title={text.forceText} onClick={() => void session.run('nodes', true)} data-testid="conflict-force">
            {text.force}
          </Button>
          <Button variant="default" title={text.takeText} onClick={() => session.takeTheirs(conflict)} data-testid="conflict-take">
            {text.take}
          </Button>
          <Button
            aria-disabled={open.length > 0}
            {...(open.length > 0 && { 'data-disabled': true })}
            title={words.applyText}
            onClick={apply}
            data-testid="conflict-merge"
          >
            {words.apply}
          </Button>
        </div>
        <p className="merge-note">{words.applyText}</p>
      </div>
    </Modal>
  )
}

const keysOf = ({ id, kind, properties }: Clash) => (kind === 'removed' ? [decisionKey(id)] : properties.map(({ key }) => decisionKey(id, key)))

function ClashRow({
  clash,
  conflict,
  decisions,
  onDecide,
}: {
  clash: Clash
  conflict: Conflict
  decisions: ReadonlyMap<string, Side>
  onDecide: (keys: readonly string[], side: Side) => void
}) {
  const words = useDeployText().merge
  const { types } = useWorkspace('types')
  const node = (clash.ours ?? clash.theirs ?? clash.base) as FlowNode
  const name = titleOf(node, types)
  const place = conflict.theirs.find(({ id }) => id === node.z) ?? conflict.plan.base.get(String(node.z))
  const says = (side: FlowNode | undefined, flows: readonly FlowNode[]) => {
    if (!side) return words.removed
    const inside = flows.filter(({ z }) => z === clash.id).length
    return inside > 0 ? words.onIt(inside) : textOf(side, 'name') || textOf(side, 'label') || side.type
  }
  return (
    <li data-testid={`clash-${clash.id}`}>
      <strong>{name}</strong> <em>{node.type}</em> {place && <em>· {textOf(place, 'label') || textOf(place, 'name')}</em>}
      {clash.kind === 'removed' ? (
        <Choice
          name={name}
          property={undefined}
          id={clash.id}
          ours={says(clash.ours, conflict.plan.ours)}
          theirs={says(clash.theirs, conflict.theirs)}
          base={undefined}
          decided={decisions.get(decisionKey(clash.id))}
          onDecide={(side) => onDecide([decisionKey(clash.id)], side)}
        />
      ) : (
        clash.properties.map(({ key, base, ours, theirs }) => (
          <Choice
            key={key}
            name={name}
            id={clash.id}
            property={key}
            ours={shown(ours)}
            theirs={shown(theirs)}
            base={shown(base)}
            decided={decisions.get(decisionKey(clash.id, key))}
            onDecide={(side) => onDecide([decisionKey(clash.id, key)], side)}
          />
        ))
      )}
    </li>
  )
}

function Choice({
  name,
  id,
  property,
  ours,
  theirs,
  base,
  decided,
  onDecide,
}: {
  name: string
  id: string
  property: string | undefined
  ours: string | undefined
  theirs: string | undefined
  base: string | undefined
  decided: Side | undefined
  onDecide: (side: Side) => void
}) {
  const words = useDeployText().merge
  const nothing = useDeployText().diff.nothing
  const option = (side: Side, value: string | undefined) => (
    <label className="merge-option" data-chosen={decided === side || undefined}>
      <input
        type="radio"
        name={`${id} ${property}`}
        checked={decided === side}
        onChange={() => onDecide(side)}
        data-testid={`choose-${id}-${property === undefined ? '' : `${property}-`}${side}`}
      />
      <span>
        <b>{words[side]}</b>
        <code>{value ?? nothing}</code>
      </span>
    </label>
  )
  return (
    <fieldset className="merge-choice" data-undecided={decided === undefined || undefined}>
      <legend className={property === undefined ? 'only-read' : undefined}>
        {property === undefined ? name : <span title={words.choose(name, property)}>{property}</span>}
      </legend>
      {base !== undefined && (
        <span className="merge-base">
          <b>{words.before}</b>
          <code>{base}</code>
        </span>
      )}
      {option('ours', ours)}
      {option('theirs', theirs)}
    </fieldset>
  )
}

/** The tab where most of it happens. */
function Pictures({ conflict, both }: { conflict: Conflict; both: ReadonlySet<string> }) {
  const text = useDesignerText().conflict
  const words = useDeployText().merge
  const { plan, our, their, theirs } = conflict
  const count = new Map<string, number>()
  for (const { node } of [...our, ...their]) {
    const place = node.type === 'tab' ? node.id : typeof node.z === 'string' && kindOf(node) !== 'config' ? node.z : undefined
    if (place) count.set(place, (count.get(place) ?? 0) + (both.has(node.id) ? 100 : 1))
  }
  const place = [...count].sort((a, b) => b[1] - a[1])[0]?.[0]
  if (place === undefined) return null
  const sides = [
    { title: words.before, flows: [...plan.base.values()], emphasised: both },
    { title: text.yours, flows: plan.ours, emphasised: new Set(our.map(({ id }) => id)) },
    { title: text.theirs, flows: theirs, emphasised: new Set(their.map(({ id }) => id)) },
  ]
  const frame = commonFrame(
    sides.map(({ flows }) => flows),
    place,
    new Set([...our, ...their].map(({ id }) => id)),
  )
  return (
    <section className="merge-pictures" aria-label={words.pictures}>
      {sides.map(({ title, flows, emphasised }) => (
        <figure key={title}>
          <figcaption>{title}</figcaption>
          <FlowPicture flows={flows} place={place} emphasised={emphasised} label={title} frame={frame} />
        </figure>
      ))}
    </section>
  )
}
