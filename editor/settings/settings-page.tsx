/** The settings: their sections beside them. Which one is shown stands in the address, and what it shows behind it (`#people/01J…`). */
import './settings.css'
import { ChevronRight, Lock } from 'lucide-react'
import { Suspense, useEffect, useRef } from 'react'
import { Frame } from '../shared/frame.tsx'
import { may, useMe } from '../shared/me.ts'
import { useHash } from '../shared/use-hash.ts'
import { GROUPS, SECTIONS, type Section, type SectionName } from './sections.ts'
import { useSettingsText } from './words.ts'

type Me = ReturnType<typeof useMe>['me']

const isSeen = (me: Me, { needs }: Section) => needs === undefined || may(me, needs)

export function SettingsPage() {
  const text = useSettingsText()
  const { me } = useMe()
  const [hash, goTo] = useHash()
  const [wanted = '', ...rest] = hash.split('/').map(decoded)
  const seen = (Object.keys(SECTIONS) as SectionName[]).filter((name) => isSeen(me, SECTIONS[name]))
  const first = seen.find((name) => SECTIONS[name].view)
  const isKnown = wanted in SECTIONS
  const shown = isKnown ? (wanted as SectionName) : first
  return (
    <Frame page="settings">
      <div className="settings-page" data-chosen={wanted === '' ? undefined : ''}>
        <SectionList me={me} shown={shown} />
        <div className="settings-content">
          {me && shown && (seen.includes(shown) ? <Shown key={shown} name={shown} rest={rest} goTo={goTo} isChosen={wanted !== ''} /> : <NotForYou />)}
          {me && !shown && <p className="settings-dim">{text.nothing}</p>}
        </div>
      </div>
    </Frame>
  )
}

/** A part of an address; as it is where somebody broke it. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function SectionList({ me, shown }: { me: Me; shown: SectionName | undefined }) {
  const text = useSettingsText()
  const names = Object.keys(SECTIONS) as SectionName[]
  return (
    <nav className="settings-nav" aria-label={text.label}>
      <h1>{text.title}</h1>
      {GROUPS.map((group) => {
        const own = names.filter((name) => SECTIONS[name].group === group && isSeen(me, SECTIONS[name]))
        if (own.length === 0) return null
        return (
          <section key={group} aria-labelledby={`group-${group}`}>
            <h2 id={`group-${group}`}>{text.groups[group]}</h2>
            <ul>
              {own.map((name) => {
                const { icon: Icon, href } = SECTIONS[name]
                return (
                  <li key={name}>
                    <a href={href ?? `#${name}`} aria-current={name === shown ? 'page' : undefined} data-testid={`to-${name}`}>
                      <Icon size={16} aria-hidden />
                      <span>{text.sections[name]}</span>
                      <ChevronRight size={14} className="settings-chevron" aria-hidden />
                    </a>
                  </li>
                )
              })}
            </ul>
          </section>
        )
      })}
    </nav>
  )
}

function Shown({ name, rest, goTo, isChosen }: { name: SectionName; rest: readonly string[]; goTo: (hash: string) => void; isChosen: boolean }) {
  const text = useSettingsText()
  const heading = useRef<HTMLHeadingElement>(null)
  // who chose it is led there: on a phone the list stands above it no more
  useEffect(() => {
    if (isChosen) heading.current?.focus()
  }, [isChosen])
  const { view: View } = SECTIONS[name]
  return (
    <>
      <a className="settings-back" href="/settings#">
        {text.back}
      </a>
      <h2 className="settings-title" ref={heading} tabIndex={-1} data-testid="settings-title">
        {text.sections[name]}
      </h2>
      <Suspense fallback={<div className="settings-skeleton" aria-hidden />}>
        {View && <View rest={rest} go={(...next) => goTo([name, ...next].map(encodeURIComponent).join('/'))} />}
      </Suspense>
    </>
  )
}

function NotForYou() {
  const text = useSettingsText()
  return (
    <p className="settings-warn" role="status">
      <Lock size={16} aria-hidden /> {text.notForYou}
    </p>
  )
}
