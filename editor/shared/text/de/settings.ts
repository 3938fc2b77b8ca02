/** Deutsch: die Einstellungen, ihre Gruppen und Abschnitte. */
import type { settings as en } from '../en/settings.ts'
import type { Translation } from '../index.ts'

export const settings: Translation<typeof en> = {
  title: 'Einstellungen',
  label: 'Einstellungen',
  back: 'Alle Einstellungen',
  nothing: 'Hier gibt es nichts, was Sie sehen oder ändern dürfen. Wer verwaltet, kann Ihnen das Recht dazu geben.',
  notForYou: 'Das dürfen Sie nicht sehen. Wer verwaltet, kann Ihnen das Recht dazu geben.',
  groups: {
    you: 'Sie selbst',
    people: 'Personen',
    shop: 'Der Betrieb',
    outside: 'Nach außen',
    care: 'Pflege',
    installation: 'Diese Installation',
  },
  sections: {
    account: 'Mein Konto',
    people: 'Personen',
    'sign-in': 'Anmelden über die Firma',
    shop: 'Sprache, Zeit, Einheiten',
    calendars: 'Betriebskalender',
    records: 'Wie lange aufbewahrt wird',
    network: 'Netzwerk',
    'my-notifications': 'Meine Benachrichtigungen',
    notifications: 'Benachrichtigungen',
    mail: 'Mail',
    webhooks: 'Webhooks',
    'move-in': 'Einzug',
    environment: 'Test oder Produktion',
    palette: 'Palette',
    api: 'API',
    health: 'Zustand und Platte',
    backup: 'Sicherung',
    about: 'Über Cellwright',
  },
  about: {
    version: 'Cellwright',
    running: (since) => `läuft seit ${since}`,
    schema: 'Datenbank',
    schemaOf: (at) => `auf diesen Stand gebracht: ${at}`,
    license: 'Lizenz',
    more: 'Was darin neu ist, steht im Änderungsverzeichnis, das mit dem Programm kommt.',
    problem: 'Wie es dem Programm geht, ließ sich nicht erfragen.',
    again: 'Noch einmal fragen',
  },
}
