/** Deutsch: der Rahmen um jede Seite und Wörter, die alle Seiten brauchen. */
import type { common as en } from '../en/common.ts'
import type { Translation } from '../index.ts'

export const common: Translation<typeof en> = {
  product: 'Cellwright',
  pages: { label: 'Seiten', designer: 'Designer', operator: 'Bedienung', programs: 'Programme', machines: 'Maschinen', runs: 'Läufe' },
  person: {
    menu: (name) => `Konto von ${name}`,
    signOut: 'Abmelden',
    colors: 'Farben',
    light: 'Hell',
    dark: 'Dunkel',
    system: 'Wie das System',
    language: 'Sprache',
    roles: { admin: 'Verwaltung', engineer: 'Technik', integrator: 'Integration', operator: 'Bedienung', viewer: 'Nur Ansicht' },
  },
  line: {
    lost: (since) => `Keine Verbindung zum Server seit ${since}. Was Sie sehen, ist nicht aktuell. Neuer Versuch läuft …`,
  },
  runtime: {
    safe: 'Sicherer Modus: Die Ablaufumgebung ist mehrmals abgestürzt, die Abläufe sind angehalten. Bitte im Designer berichtigen und ausrollen; Maschinen, STOPP und HALT sind nicht betroffen.',
    gone: 'Die Ablaufumgebung wird neu gestartet. Abläufe stehen so lange still; Maschinen, STOPP und HALT sind nicht betroffen.',
  },
  skip: 'Zum Inhalt springen',
  close: 'Schließen',
  cancel: 'Abbrechen',
  save: 'Speichern',
  retry: 'Noch einmal',
  loading: 'Lädt …',
  failed: 'Das hat nicht geklappt',
  unexpected: 'Auf dieser Seite ist etwas schiefgegangen. Bitte neu laden; Ausgerolltes ist sicher.',
  reload: 'Seite neu laden',
}
