# Lists the targets of the Makefile with what follows `##`, grouped by the lines that begin with `##@`.
BEGIN { FS = ":.*## "; print "\nLearning Loop\n\n  make <target>" }
/^##@ / { printf "\n%s\n", substr($0, 5) }
/^[a-z-]+:.*## / { if ($1 != "help") printf "  %-10s %s\n", $1, $2 }
END { print "" }
