/** What can be done with the thing under the pointer, or with what is selected: made from the actions. */
import { Menu } from '@mantine/core'
import { Fragment, useEffect, useState } from 'react'
import type { Action, ActionTarget } from '../host/action.ts'
import { useHost } from '../host/use-host.ts'
import { menuOf, type Offer } from './commands.ts'
import { keyText } from './key-words.ts'
import { type FindText, useFindText } from './text.ts'

/** A group with more than this becomes a menu of its own. */
const GROUP_MOST = 2
const FOLDED: readonly Action['group'][] = ['arrange', 'select', 'view', 'debug', 'navigate']

interface Asked extends ActionTarget {
  /** Makes the menu anew where it is asked for again. */
  number: number
}

export function ContextMenu() {
  const host = useHost()
  const text = useFindText()
  const [asked, setAsked] = useState<Asked>()
  useCanvasMenu((target) => setAsked((before) => ({ ...target, number: (before?.number ?? 0) + 1 })))
  if (!asked) return null
  const parts = partsOf(host.actions.list(), asked)
  if (parts.every(({ offers }) => offers.length === 0)) return null
  const close = () => {
    setAsked(undefined)
    host.focus()
  }
  const run = ({ action, why }: Offer, target: ActionTarget) => {
    if (why !== undefined) {
      host.say(why)
      return
    }
    close()
    // after the menu has given the focus back
    requestAnimationFrame(() => action.run(target))
  }
  const items = (offers: readonly TargetedOffer[]) => offers.map((offer) => <Item key={offer.action.id} offer={offer} onRun={() => run(offer, offer.target)} />)
  return (
    <Menu
      key={asked.number}
      opened
      onClose={close}
      position="bottom-start"
      offset={0}
      shadow="md"
      width={310}
      middlewares={{ flip: true, shift: { crossAxis: true, padding: 8 } }}
      withinPortal
      withInitialFocusPlaceholder={false}
      transitionProps={{ duration: 0 }}
    >
      <Menu.Target>
        <button
          type="button"
          tabIndex={-1}
          className="menu-place"
          aria-label={labelOf(asked, host.workspace.selection.size, text)}
          style={{ left: asked.window.clientX, top: asked.window.clientY }}
        />
      </Menu.Target>
      <Menu.Dropdown className="action-menu" aria-label={labelOf(asked, host.workspace.selection.size, text)} data-testid="context-menu">
        {parts.map(({ group, offers }, index) => (
          <Fragment key={group}>
            {index > 0 && <Menu.Divider />}
            {FOLDED.includes(group) && offers.length > GROUP_MOST ? (
              <Menu.Sub position="right-start">
                <Menu.Sub.Target>
                  <Menu.Sub.Item data-testid={`menu-${group}`}>{text.groups[group]}</Menu.Sub.Item>
                </Menu.Sub.Target>
                <Menu.Sub.Dropdown className="action-menu">{items(offers)}</Menu.Sub.Dropdown>
              </Menu.Sub>
            ) : (
              items(offers)
            )}
          </Fragment>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function Item({ offer: { action, why }, onRun }: { offer: Offer; onRun: () => void }) {
  const text = useFindText()
  const Icon = action.icon
  const keys = action.keys?.[0]
  const isOn = action.isOn?.()
  return (
    <Menu.Item
      leftSection={Icon ? <Icon size={16} aria-hidden /> : <span className="menu-no-icon" />}
      rightSection={keys && <kbd>{keyText(keys, text.keys)}</kbd>}
      aria-disabled={why !== undefined}
      data-off={why === undefined ? undefined : true}
      title={why}
      closeMenuOnClick={false}
      onClick={onRun}
      data-testid={`action-${action.id}`}
    >
      {action.title}
      {isOn !== undefined && <span className="menu-state">{isOn ? text.palette.on : text.palette.off}</span>}
    </Menu.Item>
  )
}

type TargetedOffer = Offer & { target: ActionTarget }

/** What is offered at a port is also what is offered at its node. */
function partsOf(actions: readonly Action[], target: ActionTarget): { group: Action['group']; offers: TargetedOffer[] }[] {
  const targets: ActionTarget[] = target.hit.on === 'port' ? [target, { ...target, hit: { on: 'node', id: target.hit.port.id } }] : [target]
  const byGroup = new Map<Action['group'], TargetedOffer[]>()
  for (const one of targets) {
    for (const { group, offers } of menuOf(actions, one)) {
      const list = byGroup.get(group) ?? []
      byGroup.set(group, list)
      for (const offer of offers) if (!list.some(({ action }) => action.id === offer.action.id)) list.push({ ...offer, target: one })
    }
  }
  return [...byGroup].map(([group, offers]) => ({ group, offers }))
}

function labelOf({ hit }: ActionTarget, selected: number, text: FindText): string {
  const { label } = text.menu
  return hit.on === 'node' && selected > 1 ? label.nodes(selected) : label[hit.on]
}

/** Told whenever a menu is asked for on the canvas, from the moment the canvas is there. */
function useCanvasMenu(onAsk: (target: ActionTarget) => void): void {
  const host = useHost()
  // biome-ignore lint/correctness/useExhaustiveDependencies: only sets a state
  useEffect(() => {
    let end: (() => void) | undefined
    let frame: number | undefined
    const watch = () => {
      const { canvas } = host
      if (canvas) {
        end = canvas.onMenu((target) => {
          if (target.hit.on === 'port') host.workspace.select([target.hit.port.id])
          onAsk(target)
        })
      } else frame = requestAnimationFrame(watch)
    }
    watch()
    return () => {
      end?.()
      if (frame !== undefined) cancelAnimationFrame(frame)
    }
  }, [host])
}
