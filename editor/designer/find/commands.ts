/** Searching the actions by name: best first. No view. */
import type { Action, ActionTarget } from '../host/action.ts'

export const ACTION_GROUPS = ['edit', 'insert', 'arrange', 'select', 'view', 'navigate', 'debug', 'deploy', 'help'] as const

/** How well one word fits a text; 0: not at all. */
function wordScore(word: string, text: string): number {
  if (text === word) return 10
  if (text.startsWith(word)) return 8
  const at = text.indexOf(word)
  if (at < 0) return 0
  return /[\p{L}\d]/u.test(text[at - 1] ?? ' ') ? 4 : 6
}

/** First letters: `ati` finds `align to the left` not at all, `atl` does. */
function initials(word: string, text: string): boolean {
  return (
    word.length > 1 &&
    text
      .split(/[^\p{L}\d]+/u)
      .map((part) => part[0] ?? '')
      .join('')
      .startsWith(word)
  )
}

/** `selection to subflow` means the same without it. */
const FILLER_LETTERS = 2
/** What cannot be done now stands behind what fits nearly as well. */
const NOT_NOW = 8

/** Every word of the query must fit something, short ones excepted. @returns 0 when it does not */
export function scoreOf(query: string, title: string, more: string): number {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const name = title.toLowerCase()
  const rest = more.toLowerCase()
  let sum = 0
  for (const word of words) {
    const score = wordScore(word, name) || (initials(word, name) ? 3 : 0) || (rest.includes(word) ? 2 : 0)
    if (score === 0 && (word.length > FILLER_LETTERS || words.length === 1)) return 0
    sum += score
  }
  return sum
}

export interface Offer {
  action: Action
  /** Why it cannot be done now. */
  why: string | undefined
}

/** What is offered now, in the order of the groups, or by how well it fits the query. */
export function offers(
  actions: readonly Action[],
  query: string,
  { groupName, recent }: { groupName: (action: Action) => string; recent: readonly string[] },
): Offer[] {
  const list = actions.filter((action) => !action.isUnlisted && action.isShown?.(undefined) !== false)
  const scored =
    query.trim() === ''
      ? list.map((action) => ({ action, score: 1 }))
      : list.map((action) => ({ action, score: scoreOf(query, action.title, `${action.words ?? ''} ${groupName(action)}`) }))
  const rank = (action: Action) => ACTION_GROUPS.indexOf(action.group)
  const lately = (action: Action) => {
    const at = recent.indexOf(action.id)
    return at < 0 ? recent.length : at
  }
  return scored
    .filter(({ score }) => score > 0)
    .map(({ action, score }) => {
      const why = action.whyNot?.(undefined)
      return { action, why, score: score - (why === undefined ? 0 : NOT_NOW) }
    })
    .sort((a, b) => b.score - a.score || lately(a.action) - lately(b.action) || rank(a.action) - rank(b.action))
    .map(({ action, why }) => ({ action, why }))
}

/** What stands in a context menu, by group in their order. */
export function menuOf(actions: readonly Action[], target: ActionTarget): { group: Action['group']; offers: Offer[] }[] {
  const shown = actions.filter((action) => action.on?.includes(target.hit.on) && action.isShown?.(target) !== false)
  return ACTION_GROUPS.map((group) => ({
    group,
    offers: shown.filter((action) => action.group === group).map((action) => ({ action, why: action.whyNot?.(target) })),
  })).filter((part) => part.offers.length > 0)
}

/** What stands in the header's menu, by group. */
export function menuGroups(actions: readonly Action[]): Action[][] {
  const shown = actions.filter((action) => action.isInMenu && action.isShown?.(undefined) !== false)
  return ACTION_GROUPS.map((group) => shown.filter((action) => action.group === group)).filter((list) => list.length > 0)
}
