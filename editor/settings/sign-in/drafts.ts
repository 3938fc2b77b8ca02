/** What a provider's form begins with. */
import type { LdapSettings, OidcSettings, SignInKind } from '../../../server/api/sign-in.ts'

type OfPeople = Pick<OidcSettings, 'roles' | 'otherwise' | 'followsRoles' | 'makesPeople' | 'sessionHours' | 'shortcutDays' | 'ca'>
const ofPeople: OfPeople = { roles: [], otherwise: 'refuse', followsRoles: true, makesPeople: true, sessionHours: 12, shortcutDays: 30, ca: '' }

const newOidc: OidcSettings = {
  issuer: '',
  clientId: '',
  scopes: 'openid profile email',
  userNameClaim: 'preferred_username',
  cutsAt: true,
  nameClaim: 'name',
  mailClaim: 'email',
  groupsClaim: 'groups',
  asksAlways: false,
  endsThere: true,
  clockToleranceS: 30,
  ...ofPeople,
}

/** What differs between directories; the second finds nested groups by Active Directory's own matching rule (MS-ADTS, 3.1.1.3.4.4.3). */
export const PRESETS = {
  openLdap: {
    userFilter: '(&(objectClass=inetOrgPerson)(uid={user}))',
    userNameAttribute: 'uid',
    nameAttribute: 'cn',
    mailAttribute: 'mail',
    idAttribute: 'entryUUID',
    groups: 'search',
    groupFilter: '(|(member={dn})(uniqueMember={dn}))',
  },
  activeDirectory: {
    userFilter: '(&(objectCategory=person)(objectClass=user)(sAMAccountName={user}))',
    userNameAttribute: 'sAMAccountName',
    nameAttribute: 'displayName',
    mailAttribute: 'mail',
    idAttribute: 'objectGUID',
    groups: 'search',
    groupFilter: '(&(objectClass=group)(member:1.2.840.113556.1.4.1941:={dn}))',
  },
} as const satisfies Record<string, Partial<LdapSettings>>

const newLdap: LdapSettings = {
  servers: [],
  startTls: true,
  allowsPlain: false,
  bindDn: '',
  baseDn: '',
  timeoutS: 10,
  recheckMinutes: 15,
  ...PRESETS.openLdap,
  ...ofPeople,
}

/** A provider while it is edited. The fields of both kinds: only those of its own are sent. */
export interface Draft {
  kind: SignInKind
  name: string
  isOn: boolean
  secret: string
  oidc: OidcSettings
  ldap: LdapSettings
}

export const newDraft = (kind: SignInKind, name: string): Draft => ({ kind, name, isOn: false, secret: '', oidc: newOidc, ldap: newLdap })
export const settingsOf = (draft: Draft): OidcSettings | LdapSettings => (draft.kind === 'oidc' ? draft.oidc : draft.ldap)
