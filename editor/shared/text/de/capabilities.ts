/** German: what roles let people do, by what it is about. */
import type { Capability } from '../../../../server/api/access.ts'
import type { capabilities as en } from '../en/capabilities.ts'
import type { Translation } from '../index.ts'

const may: Record<Capability, string> = {
  'machines.view': 'Maschinen, ihren Zustand und ihre Position sehen',
  'machines.stop': 'eine Maschine stoppen und anhalten',
  'machines.operate': 'Programme starten, weiterlaufen lassen, referenzieren, entsperren und einzelne Befehle senden',
  'machines.configure': 'Maschinen anlegen, ändern und entfernen',
  'programs.view': 'Programme sehen und herunterladen',
  'programs.manage': 'Programme hochladen und entfernen',
  'panel.press': 'die Tasten drücken, die Abläufe auf das Bedienfeld legen',
  'panels.arrange': 'Bedienfelder anordnen und Kioske einrichten',
  'flows.view': 'Abläufe, Versionen und Knotentypen sehen',
  'flows.messages': 'sehen, was in Nachrichten und im Kontext von Abläufen steht, auch wenn es persönlich oder geheim ist',
  'flows.deploy': 'Abläufe aus sicheren Knotentypen ausrollen',
  'flows.code': 'Knotentypen ausrollen, die Code ausführen oder Dateien und Netze erreichen, und den ursprünglichen Editor benutzen',
  'flows.protect': 'Abläufe schützen, sodass ihre Änderung eine zweite Person braucht',
  'flows.approve': 'Änderungen freigeben oder ablehnen, um die jemand anders in geschützten Abläufen bittet',
  'flows.untested': 'mit Begründung Abläufe ausrollen, deren Tests fehlschlagen, und bestimmen, was vor dem Ausrollen getestet wird',
  'jobs.view': 'Aufträge sehen',
  'jobs.manage': 'Aufträge anlegen und abbrechen',
  'runs.view': 'den Laufverlauf sehen',
  'quality.view': 'Merkmale, Messwerte, Regelkarten und Messmittel sehen',
  'quality.enter': 'Messwerte eintragen, Ursachen, Maßnahmen und Bemerkungen angeben',
  'quality.edit': 'Merkmale, Eingriffsgrenzen, Messmittel und Kataloge ändern; Messwerte berichtigen und ausschließen',
  'quality.approve': 'freigeben oder ablehnen, was andere in Qualitätsdokumenten vorschlagen: Verwendungsentscheide, CAPA, 8D, Prüfpläne',
  'connections.view': 'Verbindungen zu anderen Systemen und ihren Zustand sehen (nie ihre Geheimnisse)',
  'connections.manage': 'die Einstellungen von Verbindungen sehen; welche anlegen, prüfen, ändern und entfernen',
  'accounts.manage': 'Personen anlegen, Rollen und PINs setzen',
  'tokens.manage': 'API-Token für sich selbst erstellen und widerrufen',
  'system.view': 'Prozesse, Versionen und Einstellungen sehen',
  'system.manage': 'ändern, was die Installation aufbewahrt und wie lange',
  'backup.manage': 'Sicherungen von allem machen, Passwörter und Schlüssel inbegriffen, sie mitnehmen und sagen, wohin sie gesendet werden',
  'audit.view': 'sehen, wer was von wo getan hat',
  'audit.keep': 'bestimmen, wie lange das Protokoll aufbewahrt wird, wodurch Älteres entfernt wird',
}

export const capabilities: Translation<typeof en> = {
  may,
  areas: {
    machines: 'Maschinen',
    programs: 'Programme',
    panel: 'Bedienfeld',
    panels: 'Bedienfelder anordnen',
    flows: 'Abläufe',
    jobs: 'Aufträge',
    runs: 'Läufe',
    quality: 'Qualität',
    connections: 'Verbindungen',
    accounts: 'Personen',
    tokens: 'API-Token',
    system: 'Installation',
    audit: 'Protokoll',
  },
}
