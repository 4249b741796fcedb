"""What people are asked and say: classes, campaigns, answers, label files, agreement, what to ask next."""
