/** Deutsch: der Rahmen um jede Seite und Wörter, die alle Seiten brauchen. */
import type { common as en } from '../en/common.ts'
import type { Translation } from '../index.ts'

export const common: Translation<typeof en> = {
  product: 'Cellwright',
  pages: {
    label: 'Seiten',
    designer: 'Designer',
    operator: 'Bedienung',
    programs: 'Programme',
    machines: 'Maschinen',
    jobs: 'Aufträge',
    triggers: 'Auslöser',
    runs: 'Läufe',
    quality: 'Qualität',
    connections: 'Verbindungen',
    templates: 'Vorlagen',
    history: 'Verlauf',
    environment: 'Installation',
    settings: 'Einstellungen',
  },
  environment: {
    test: 'Test',
    production: 'Produktion',
    label: (kind, name) => `${kind}: ${name}`,
    hints: {
      test: 'das ist eine Testinstallation',
      production: 'das ist die Produktion; Ausrollen braucht eine Begründung',
    },
  },
  person: {
    menu: (name) => `Konto von ${name}`,
    account: 'Mein Konto',
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
  health: {
    storeAway:
      'Die Datenbank antwortet nicht. Abläufe und Aufträge warten, gespeichert werden kann nichts; Maschinen, STOPP und HALT sind nicht betroffen. Es geht von selbst weiter, sobald sie wieder da ist.',
    queuesAway:
      'Redis antwortet nicht. Aufträge beginnen später, Zeitpläne warten; verloren ist nichts. Es geht von selbst weiter, sobald Redis wieder da ist.',
    tlsTrouble: (why) => `Das neue Zertifikat lässt sich nicht verwenden, gezeigt wird noch das vorige: ${why}`,
    more: 'Zustand der Installation',
    whatToDelete: 'Was den Platz belegt',
    diskFull: (free) =>
      `Die Platte des Servers ist voll (${free} frei). Was gespeichert werden muss, wird abgewiesen: Abläufe und Aufträge warten, kein Programm wird gestartet. Bestätigtes ist sicher, STOPP und HALT gehen. Bitte Platz schaffen, dann geht es weiter.`,
    diskCritical: (free) =>
      `Die Platte des Servers ist fast voll (${free} frei). Bis Platz ist, beginnt kein Programm, und die Schritte von Läufen werden nicht aufgezeichnet; laufende Programme laufen weiter, und Tippen, Referenzfahrt, STOPP und HALT gehen.`,
    diskLow: (free) => `Die Platte des Servers füllt sich (${free} frei). Bitte Platz schaffen, bevor die Arbeit anhält.`,
  },
  skip: 'Zum Inhalt springen',
  close: 'Schließen',
  cancel: 'Abbrechen',
  save: 'Speichern',
  reason: { label: 'Grund (freiwillig)', hint: 'Warum, für alle, die im Verlauf nachlesen' },
  retry: 'Noch einmal',
  loading: 'Lädt …',
  failed: 'Das hat nicht geklappt',
  unexpected: 'Auf dieser Seite ist etwas schiefgegangen. Bitte neu laden; Ausgerolltes ist sicher.',
  updated: 'Cellwright wurde aktualisiert; diese Seite ist noch die von vorher. Sobald nichts mehr ungespeichert ist, bitte neu laden.',
  reload: 'Seite neu laden',
}
