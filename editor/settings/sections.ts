/** What the settings are made of. A new section needs a line here, a folder beside this file and its name in the catalogue `settings`. */
import {
  Archive,
  Bell,
  BellRing,
  Braces,
  CalendarDays,
  CircleUserRound,
  Drill,
  Factory,
  HeartPulse,
  Info,
  KeyRound,
  type LucideIcon,
  Mail,
  Network,
  PackageOpen,
  Plug,
  Puzzle,
  Server,
  UsersRound,
  Webhook,
} from 'lucide-react'
import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import type { Capability } from '../../server/api/access.ts'
import type { settings as words } from '../shared/text/en/settings.ts'

export type SectionName = keyof typeof words.sections
export type GroupName = keyof typeof words.groups

/** What a section is given: what stands behind its name in the address, as in `#people/01J…`, and how to go on from there. */
interface SectionProps {
  rest: readonly string[]
  /** Shows another part of the same section. */
  go: (...rest: string[]) => void
}

interface SectionFacts {
  group: GroupName
  icon: LucideIcon
  /** Without it everybody who is signed in sees the section. */
  needs?: Capability
}

/** A view of this page, loaded when it is looked at first; or the way to a page of its own. */
export type Section = SectionFacts & ({ view: LazyExoticComponent<ComponentType<SectionProps>>; href?: never } | { href: string; view?: never })

/** In the order in which they stand, within their groups. */
export const SECTIONS: Record<SectionName, Section> = {
  account: {
    group: 'you',
    icon: CircleUserRound,
    view: lazy(async () => ({ default: (await import('./account/account-section.tsx')).AccountSection })),
  },
  people: {
    group: 'people',
    icon: UsersRound,
    needs: 'accounts.manage',
    view: lazy(async () => ({ default: (await import('./people/people-section.tsx')).PeopleSection })),
  },
  'sign-in': {
    group: 'people',
    icon: KeyRound,
    needs: 'accounts.manage',
    view: lazy(async () => ({ default: (await import('./sign-in/sign-in-section.tsx')).SignInSection })),
  },
  shop: {
    group: 'shop',
    icon: Factory,
    needs: 'system.manage',
    view: lazy(async () => ({ default: (await import('./shop/shop-section.tsx')).ShopSection })),
  },
  calendars: {
    group: 'shop',
    icon: CalendarDays,
    needs: 'flows.view',
    view: lazy(async () => ({ default: (await import('./shop/calendars-section.tsx')).CalendarsSection })),
  },
  records: {
    group: 'care',
    icon: Archive,
    needs: 'system.view',
    view: lazy(async () => ({ default: (await import('./shop/records-section.tsx')).RecordsSection })),
  },
  network: {
    group: 'installation',
    icon: Network,
    needs: 'system.view',
    view: lazy(async () => ({ default: (await import('./shop/network-section.tsx')).NetworkSection })),
  },
  machines: { group: 'shop', icon: Drill, needs: 'machines.configure', href: '/machines' },
  connections: { group: 'outside', icon: Plug, needs: 'connections.view', href: '/connections' },
  environment: { group: 'installation', icon: Server, needs: 'flows.view', href: '/environment' },
  'my-notifications': {
    group: 'you',
    icon: Bell,
    view: lazy(async () => ({ default: (await import('./my-notifications/my-notifications-section.tsx')).MyNotificationsSection })),
  },
  notifications: {
    group: 'outside',
    icon: BellRing,
    needs: 'system.view',
    view: lazy(async () => ({ default: (await import('./notifications/notifications-section.tsx')).NotificationsSection })),
  },
  mail: {
    group: 'outside',
    icon: Mail,
    needs: 'system.view',
    view: lazy(async () => ({ default: (await import('./mail/mail-section.tsx')).MailSection })),
  },
  webhooks: {
    group: 'outside',
    icon: Webhook,
    needs: 'system.view',
    view: lazy(async () => ({ default: (await import('./webhooks/webhooks-section.tsx')).WebhooksSection })),
  },
  api: { group: 'outside', icon: Braces, href: '/api-docs' },
  palette: {
    group: 'installation',
    icon: Puzzle,
    needs: 'flows.view',
    view: lazy(async () => ({ default: (await import('./palette/palette-section.tsx')).PaletteSection })),
  },
  'move-in': {
    group: 'installation',
    icon: PackageOpen,
    needs: 'flows.code',
    view: lazy(async () => ({ default: (await import('./move-in/move-in-section.tsx')).MoveInSection })),
  },
  health: {
    group: 'care',
    icon: HeartPulse,
    needs: 'system.view',
    view: lazy(async () => ({ default: (await import('./health/health-section.tsx')).HealthSection })),
  },
  backup: {
    group: 'care',
    icon: Archive,
    needs: 'backup.manage',
    view: lazy(async () => ({ default: (await import('./backup/backup-section.tsx')).BackupSection })),
  },
  about: {
    group: 'installation',
    icon: Info,
    needs: 'system.view',
    view: lazy(async () => ({ default: (await import('./about/about-section.tsx')).AboutSection })),
  },
}

/** In the order in which they stand. */
export const GROUPS: readonly GroupName[] = ['you', 'people', 'shop', 'outside', 'care', 'installation']
