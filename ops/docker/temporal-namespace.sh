#!/bin/sh
# The namespace, its retention and its search attributes; harmless when they are there.
# Wants: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, RETENTION, SEARCH_ATTRIBUTES (names, each becomes a Keyword).
set -eu

namespace() {
  verb=$1
  shift
  temporal operator namespace "$verb" --namespace "$TEMPORAL_NAMESPACE" "$@"
}

if namespace describe >/dev/null 2>&1; then
  namespace update --retention "$RETENTION"
else
  namespace create --retention "$RETENTION"
fi

# A new namespace is known to every part of the server after its next look, within seconds.
tries=0
until known="$(temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE" 2>/dev/null)"; do
  tries=$((tries + 1))
  [ "$tries" -lt 60 ] || { echo "namespace $TEMPORAL_NAMESPACE does not appear" >&2; exit 1; }
  sleep 1
done

for name in $SEARCH_ATTRIBUTES; do
  case "$known" in
    *"$name "*) ;;
    *) temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$name" --type Keyword ;;
  esac
done
echo "Namespace $TEMPORAL_NAMESPACE is there, with retention $RETENTION and the search attributes $SEARCH_ATTRIBUTES."
