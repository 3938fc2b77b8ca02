/** German: what the report of a move in says. */
import type { LineSentences } from '../../../../server/api/move-in-lines.ts'
import { germanReason } from './designer-findings.ts'

const nodes = (count: number) => (count === 1 ? 'einem Knoten' : `${count} Knoten`)
const list = (names: readonly string[]) => names.join(', ')
const withVersion = (module: string, version: string) => `${module} ${version}`.trim()
/** Names that people gave. */
const named = (names: readonly string[]) => names.map((name) => `„${name}“`).join(', ')

export const moveInLines: LineSentences = {
  'credentials-found': ({ count }) => ({ says: `Die Passwörter und Schlüssel von ${nodes(count)} sind lesbar.` }),
  'credentials-none': () => ({
    says: 'Es gibt keine Datei mit Passwörtern und Schlüsseln.',
    next: 'Nach dem Übernehmen in den Knoten eingeben, wo welche nötig sind.',
  }),
  'credentials-plain': () => ({ says: 'Die Passwörter und Schlüssel liegen in diesem Verzeichnis unverschlüsselt. Hier sind sie verschlüsselt.' }),
  'secret-needed': () => ({
    says: 'Die Passwörter und Schlüssel sind verschlüsselt, und ihr Geheimnis steht nicht im Verzeichnis.',
    next: 'Hier angeben (credentialSecret in settings.js), oder ohne sie übernehmen und neu eingeben.',
  }),
  'secret-in-environment': ({ name }) => ({
    says: `Das Geheimnis der Passwörter und Schlüssel kommt aus der Umgebungsvariablen ${name}.`,
    next: 'Hier angeben: Es steht dort, wo Node-RED gestartet wurde (Dienst- oder Compose-Datei).',
  }),
  'secret-wrong': () => ({
    says: 'Das Geheimnis öffnet die Passwörter und Schlüssel nicht.',
    next: 'Das richtige angeben, oder ohne sie übernehmen und neu eingeben.',
  }),
  'flow-file-chosen': ({ file, others }) => ({
    says: `Die Abläufe werden aus ${file} gelesen.${others.length ? ` Es gibt auch ${list(others)}.` : ''}`,
    ...(others.length ? { next: 'Oben eine andere wählen, wenn nicht diese lief.' } : {}),
  }),
  'flow-file-open': ({ setting }) => ({
    says: `settings.js errechnet den Namen der Ablaufdatei (${setting}); ausgeführt wird sie hier nie.`,
    next: 'Oben die Datei wählen.',
  }),
  'project-active': ({ project, others }) => ({
    says: `Projekte sind eingeschaltet: gelesen werden die Abläufe von „${project}“.${others.length ? ` Es gibt auch ${list(others)}.` : ''}`,
    ...(others.length ? { next: 'Oben eine andere Datei wählen, um die Abläufe eines anderen Projekts zu übernehmen.' } : {}),
  }),
  'settings-unread': ({ names }) => ({
    says: `settings.js errechnet ${list(names)}; sie wird gelesen und nie ausgeführt, deshalb ist das hier nicht bekannt.`,
  }),
  'setting-logins': () => ({ says: 'Die Anmeldung des alten Editors wird nicht übernommen: Hier hat jede Person ihr eigenes Konto.' }),
  'setting-http-auth': () => ({
    says: 'Die Adressen der Abläufe fragten nach einem Passwort (httpNodeAuth). Hier braucht, wer sie aufruft, ein API-Token oder ist angemeldet.',
    next: 'Ein Token anlegen und dem geben, was sie aufruft.',
  }),
  'setting-http-root': ({ root }) => ({
    says: `Abläufe antworteten unter ${root}. Hier antworten sie unter /hooks.`,
    next: 'Die Adresse dort ändern, wo sie aufgerufen wird.',
  }),
  'setting-static': () => ({
    says: 'Node-RED gab auch Dateien eines Ordners aus (httpStatic). Das wird nicht übernommen.',
    next: 'Die Dateien anderswo bereitstellen.',
  }),
  'setting-globals': ({ names }) => ({
    says: `settings.js gibt Funktionen diese Globalen: ${list(names)}. Hier gibt es sie nicht.`,
    next: 'Die Funktionsknoten umschreiben, die sie verwenden.',
  }),
  'setting-stores': ({ names }) => ({
    says: `Kontext lag in Speichern namens ${list(names)}. Hier gibt es „default“, auf der Platte, und „memory“.`,
    next: 'Was einen anderen Speicher nennt, verwendet „default“.',
  }),
  'module-allowed': ({ module, version, types }) => ({
    says: `${withVersion(module, version)} bringt ${list(types)}. Es darf hier installiert werden und ist es nicht.`,
    next: 'Unter Palette installieren, oder die Knoten entfernen: Bis dahin wird das Ausrollen abgelehnt.',
  }),
  'module-to-allow': ({ module, version, types }) => ({
    says: `${withVersion(module, version)} bringt ${list(types)}. Es steht nicht auf der Liste der Module, die installiert werden dürfen.`,
    next: 'Von jemandem prüfen lassen, unter Palette erlauben und installieren; oder die Knoten ersetzen. Bis dahin wird das Ausrollen abgelehnt.',
  }),
  'module-unknown': ({ types }) => ({
    says: `Hier bringt nichts ${list(types)}, und das Verzeichnis sagt nicht, welches Modul es tat.`,
    next: 'Die Knoten ersetzen oder entfernen: Bis dahin wird das Ausrollen abgelehnt.',
  }),
  'module-dashboard-1': ({ types }) => ({
    says: `Das ist node-red-dashboard 1 (${list(types)}), das nicht mehr weiterentwickelt wird und hier nicht da ist.`,
    next: 'Die Seite mit Dashboard 2 oder mit Bedienknoten und Bedienfeldern neu bauen und die alten Knoten entfernen.',
  }),
  'needs-code': ({ types, why }) => ({ says: `Braucht das Recht flows.code: ${list(types)}, ${germanReason({ why })}.` }),
  'gives-code': ({ why, text, nodes: names }) => ({ says: `Braucht das Recht flows.code: ${named(names)}, ${germanReason({ why, text })}.` }),
  'same-here': ({ count }) => ({ says: count === 1 ? 'Einer seiner Knoten ist genauso schon hier.' : `${count} seiner Knoten sind genauso schon hier.` }),
  'collides-here': ({ count }) => ({
    says: `${count === 1 ? 'Eine ID ist' : `${count} IDs sind`} hier schon anders vergeben.`,
    next: 'Wählen: daneben mit neuen IDs, an dessen Stelle, oder weglassen.',
  }),
  'same-port': ({ port, machine }) => ({
    says: `Ein Knoten öffnet ${port}, den Anschluss der Maschine „${machine}“. Zwei Sender an einem Anschluss mischen ihre Zeilen: Die Maschine tut, was keiner wollte.`,
    next: 'Diese Knoten entfernen und Maschinenknoten verwenden (Programm ausführen, Tippen, Maschinenbefehl); sie gehen durch den Wächter.',
  }),
  'serial-port': ({ port }) => ({
    says: `Ein Knoten öffnet den seriellen Anschluss ${port}.`,
    next: 'Hängt dort eine Maschine, diese unter Maschinen einrichten und Maschinenknoten verwenden; ein zweiter Sender an ihrem Anschluss ist gefährlich.',
  }),
  'same-address': ({ address, machine }) => ({
    says: `Ein Knoten verbindet sich mit ${address}, wo die Maschine „${machine}“ ist. Zwei Sender auf einer Verbindung mischen ihre Zeilen.`,
    next: 'Diese Knoten entfernen und Maschinenknoten verwenden; sie gehen durch den Wächter.',
  }),
  'motion-module': ({ types }) => ({
    says: `${list(types)} ${types.length === 1 ? 'klingt' : 'klingen'} nach einem eigenen Sender für Maschinen, am Wächter vorbei: keine Grenzen, kein bestätigter Stopp.`,
    next: 'Die Maschine unter Maschinen einrichten und Maschinenknoten verwenden.',
  }),
  'gcode-in-node': ({ nodes: names }) => ({
    says: `In ${named(names)} steht G-Code.`,
    next: 'Herausfinden, wohin er geht. An eine Maschine muss er über Maschinenknoten, wo er vor dem Senden geprüft wird.',
  }),
  'http-address': ({ addresses }) => ({
    says: `Antwortet unter ${list(addresses)}. Hier sind dieselben Adressen unter /hooks, und wer sie aufruft, braucht ein API-Token.`,
    next: 'Die Adresse dort ändern, wo sie aufgerufen wird, und ein Token mitgeben.',
  }),
  'http-collides': ({ addresses }) => ({
    says: `${list(addresses)} wird hier schon beantwortet: Nur einer von beiden würde gefragt.`,
    next: 'Bei einem von beiden die Adresse ändern.',
  }),
  'env-missing': ({ names }) => ({
    says: `Liest ${list(names)} aus der Umgebung. Von der Umgebung des alten Rechners kommt nichts mit.`,
    next: 'In den Einstellungen des Ablaufs oder in der globalen Umgebung einen Wert geben, oder eintragen, wofür sie standen.',
  }),
  'env-other-here': ({ names }) => ({ says: `Die globale Umgebung hat hier einen anderen Wert für ${list(names)}. Der hiesige bleibt.` }),
  'function-modules': ({ modules }) => ({
    says: `Funktionsknoten laden npm-Module (${list(modules)}), was sie hier nicht dürfen.`,
    next: 'Ohne diese Module umschreiben.',
  }),
  'function-globals': ({ names }) => ({ says: `Funktionen lesen die Globalen ${list(names)} aus settings.js, die hier nicht da sind.`, next: 'Umschreiben.' }),
  'paths-elsewhere': ({ paths }) => ({ says: `Verwendet Dateien des alten Rechners: ${list(paths)}.`, next: 'Hierher kopieren oder die Pfade ändern.' }),
  'commands-here': ({ commands }) => ({ says: `Startet Programme: ${list(commands)}.`, next: 'Nachsehen, ob sie hier installiert und gewollt sind.' }),
  'dashboard-one': () => ({ says: 'Hier gibt es ein Dashboard, unter /dashboard. Die Seiten, die mitkommen, werden ein Teil davon.' }),
  'links-elsewhere': ({ flows }) => ({ says: `Link-Knoten führen zu ${named(flows)}.`, next: 'Diese mit übernehmen, sonst führen die Links ins Leere.' }),
  'flow-made': ({ count }) => ({ says: `${count === 1 ? 'Ein Knoten stand' : `${count} Knoten standen`} in keinem Ablauf; dafür wird ein eigener angelegt.` }),
  'shape-broken': ({ nodes: names }) => ({ says: `Nicht als Knoten lesbar und weggelassen: ${list(names)}.` }),
  'secrets-come': ({ nodes: names }) => ({ says: `Passwörter und Schlüssel kommen mit für ${named(names)}.` }),
  'secrets-missing': ({ nodes: names }) => ({ says: `Keine Passwörter oder Schlüssel gefunden für ${named(names)}.`, next: 'Nach dem Übernehmen eingeben.' }),
  'secrets-locked': () => ({
    says: 'Ob seine Knoten Passwörter oder Schlüssel haben, ist nicht bekannt: Sie waren nicht lesbar.',
    next: 'Oben das Geheimnis angeben, oder nach dem Übernehmen eingeben.',
  }),
  'context-comes': ({ keys }) => ({
    says: `${keys === 1 ? 'Ein Wert seines Kontexts lag' : `${keys} Werte seines Kontexts lagen`} auf der Platte und ${keys === 1 ? 'kann' : 'können'} mitkommen.`,
  }),
  'context-unread': ({ files }) => ({ says: `Nicht als Kontext gelesen: ${list(files)}.` }),

  'macro-as-it-is': () => ({ says: 'Sein G-Code wird unverändert übernommen.' }),
  'macro-rewritten': ({ what }) => ({
    says: `In der Sprache dieses Produkts geschrieben: ${list(what)}.`,
    next: 'Das neue Programm vor dem ersten Lauf lesen.',
  }),
  'macro-parts': ({ count }) => ({
    says: `Daraus werden ${count} Schritte hintereinander: Was kein G-Code ist (Referenzfahrt, Entsperren, Halt), bekommt eigene Knoten.`,
  }),
  'macro-not': ({ lines }) => ({
    says: `Dafür gibt es hier nichts Gleiches: ${list(lines)}.`,
    next: 'Es wird nicht übernommen. Als Ablauf schreiben, oder im alten Programm ändern und noch einmal einlesen.',
  }),
  'macro-left-out': ({ lines }) => ({ says: `Weggelassen, weil es die Steuerung nur etwas fragte: ${list(lines)}.` }),
  'macro-gcode': ({ problems }) => ({
    says: `Die Prüfung seines G-Codes sagt: ${list(problems)}`,
    next: 'Das Programm in der Bibliothek ändern, bevor es läuft; der Wächter würde es ablehnen.',
  }),
  'macro-inches': () => ({
    says: 'Es arbeitet in Zoll und mit Positionen: Das alte Programm gab diese in Millimetern an.',
    next: 'Es wird nicht übernommen. In Millimetern schreiben (G21).',
  }),
  'command-of-server': ({ command }) => ({
    says: `Ein Shell-Befehl des alten Rechners: ${command}. Solche Befehle werden nicht übernommen.`,
    next: 'Als Ablauf mit exec-Knoten schreiben, falls noch gewollt.',
  }),
  'event-of-server': ({ event }) => ({
    says: `Bei „${event}“ startete das alte Programm einen Shell-Befehl. Das wird nicht übernommen.`,
    next: 'Als Ablauf mit Ereignis-Auslöser schreiben.',
  }),
  'event-gcode': ({ event, trigger }) => ({
    says: `Bei „${event}“ sendete das alte Programm von selbst G-Code (${trigger}). Hier bewegt sich nichts von selbst.`,
    next: 'Als Ablauf mit Ereignis-Auslöser und Bedientaste schreiben.',
  }),
  'users-stay': ({ count }) => ({
    says: `${count === 1 ? 'Ein Konto wird' : `${count} Konten werden`} nicht übernommen: Hier hat jede Person ihr eigenes Konto.`,
  }),
  'machine-size': () => ({ says: 'Ihr Verfahrweg war in Maschinenkoordinaten angegeben.', next: 'Mit der Maschine vergleichen, bevor sie angelegt wird.' }),
  'machine-size-guess': () => ({
    says: 'Ihre Größe ist bekannt, nicht wo ihr Nullpunkt ist. Der Vorschlag nimmt ihn in der Referenzecke an, rechts, hinten und oben, wie GRBL.',
    next: 'Mit den Software-Endlagen der Steuerung vergleichen, bevor sie angelegt wird.',
  }),
  'machine-no-size': () => ({
    says: 'Über die Größe der Maschine steht nichts darin.',
    next: 'Den Verfahrweg im Formular eingeben, oder die Steuerung fragen lassen.',
  }),
  'machine-port': ({ port }) => ({
    says: `Ihr Anschluss war ${port}.`,
    next: 'An diesem Rechner kann es ein anderer sein: Das Formular zeigt, welche da sind.',
  }),
  'machine-no-port': () => ({ says: 'An welchem Anschluss die Maschine war, steht nicht darin.', next: 'Im Formular wählen.' }),
  'machine-port-taken': ({ port, machine }) => ({
    says: `${port} ist hier der Anschluss der Maschine „${machine}“.`,
    next: 'Wahrscheinlich ist es dieselbe Maschine: deren Einstellungen ansehen, statt sie zweimal anzulegen.',
  }),
  'controller-unknown': ({ controller }) => ({
    says: `Die Steuerung war „${controller}“, die dieses Produkt nicht spricht (GRBL, grblHAL, FluidNC, LinuxCNC).`,
    next: 'Die Makros sind für jene Steuerung: vor dem Übernehmen lesen.',
  }),
  'firmware-here': ({ count }) => ({
    says: `${count} Einstellungen der Steuerung stehen in der Datei. Sie bleiben in der Steuerung und werden nicht angefasst.`,
  }),
}
